/**
 * One HTTPS listener with every time-out and limit set (Node's and Fastify's own defaults leave several open), and with plain HTTP on
 * the same port answered without data. A connection's first byte decides: a TLS handshake goes to `node:https`, anything else gets a
 * redirect or a refusal in clear, and a credential that was sent in clear is reported.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { formatListen, type Listen } from '../config/listen.ts'
import { StartRefusal } from '../storage/start-refusal.ts'
import { connectionOf, KEEP_ALIVE_SECONDS, type Peer } from './connection.ts'
import { answerClientError, refuseExpectation, refuseHead, refuseMalformed, refuseMethod } from './malformed.ts'
import { answerPlainHttp, type PlainRequest } from './plain-http.ts'
import { asksToUpgrade, hostProblem } from './request-head.ts'
import { UnderWay } from './under-way.ts'

export type ListenerOptions = {
  readonly listen: Listen
  readonly cert: string
  readonly key: string
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  /** The name that a redirect points to; undefined: the address that the client connected to. */
  readonly redirectHost: string | undefined
  handle(request: IncomingMessage, response: ServerResponse): void
  /** A request came in clear; `claimedUser` where it held a credential. */
  onPlainRequest(request: PlainRequest): void
  /** False: the connection is dropped before the handshake, which is what costs most. */
  mayConnect(peer: Peer): boolean
  onDrop(reason: 'too-many' | 'too-many-from-address' | 'banned'): void
}

export type Listener = {
  readonly host: string
  readonly port: number
  replaceCertificate(pair: { readonly cert: string; readonly key: string }): void
  /** Stops listening, lets running calls end (at most `graceMs`), then closes what is left. */
  close(graceMs: number): Promise<void>
  /** Cuts every connection at once. */
  cut(): void
}

// Slow headers, slow bodies, silence before the handshake, and clients that never read; reliability over convenience.
const FIRST_BYTE_MS = 5_000
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  // `UnderWay` looks for idle connections itself.
  keepAliveTimeout: 0,
  handshakeTimeout: 5_000,
} as const
// Node gives a connection that has something to send a second such span, so a client that never reads is gone after 30 s.
const SOCKET_SILENCE_MS = 15_000
const ARRIVAL_MS = 500
const HEADER_MAX_BYTES = 16 * 1024
const HEADER_LINES_MAX = 200
// Ends clients that stick to one node for ever. Lower would cost: a TLS handshake takes as long as some forty calls.
const REQUESTS_PER_CONNECTION_MAX = 10_000

export async function openListener(options: ListenerOptions): Promise<Listener> {
  const server = createServer({
    cert: options.cert,
    key: options.key,
    minVersion: 'TLSv1.2',
    // Node's own list has no HTTP/1.0; a client that is set to it offers nothing else, and would get no handshake.
    ALPNProtocols: ['http/1.1', 'http/1.0'],
    maxHeaderSize: HEADER_MAX_BYTES,
    httpValidation: 'strict',
    // `hostProblem` looks; Node's own refusal has no body, and lets a second line pass.
    requireHostHeader: false,
    // A request without a body is over when its head is read; else each would pass through all states of a stream that nobody reads.
    optimizeEmptyRequests: true,
    ...TIMEOUTS,
  } as ServerOptions)
  server.maxConnections = options.maxConnections
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX
  server.timeout = SOCKET_SILENCE_MS
  // 0: the handler sees every line there is. Node would leave out what lies above a limit, a second credential perhaps.
  server.maxHeadersCount = 0
  const underWay = new UnderWay()
  const run = (request: IncomingMessage, response: ServerResponse): void => {
    // Node's parser lets HTTP/0.9 and HTTP/2.0 through.
    if (request.httpVersionMajor !== 1) {
      refuseMalformed(response)
      return
    }
    if (request.rawHeaders.length > 2 * HEADER_LINES_MAX) {
      refuseHead(response, HEADER_LINES_MAX)
      return
    }
    const problem = hostProblem(request)
    if (problem !== undefined) {
      refuseMalformed(response, problem)
      return
    }
    // The parser drops what came in the same go behind it, as if the other protocol began there.
    if (asksToUpgrade(request)) response.shouldKeepAlive = false
    options.handle(request, response)
  }
  const handle = (request: IncomingMessage, response: ServerResponse): void => underWay.begin(request, response, run)
  server.on('request', handle)
  server.on('checkContinue', handle)
  server.on('checkExpectation', (request, response) =>
    underWay.begin(request, response, () => refuseExpectation(response)),
  )
  server.on('clientError', (error, socket) => {
    // TLS sockets are net.Sockets. A refusal of what came later must not be taken for the reply of a call that is running.
    if (!underWay.endAfterReply(socket as Socket)) answerClientError(error, socket)
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  server.on('connect', (_request, socket) => refuseMethod(socket))
  server.on('secureConnection', (socket) => underWay.watch(socket))
  // With a listener Node destroys nothing itself. A slow body is ended by `requestTimeout`, with a reply; a slow call by its own limit.
  server.on('timeout', (socket) => {
    if (!underWay.isAtWork(socket)) socket.destroy()
  })
  const idle = setInterval(() => underWay.closeIdle(KEEP_ALIVE_SECONDS), 1000).unref()
  server.on('close', () => clearInterval(idle))
  server.on('drop', () => options.onDrop('too-many'))
  const open = takeOverConnections(server, options)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(options.listen, error)))
    server.listen(options.listen.port, options.listen.host, resolve)
  })
  // Listening on a port, so the address is an object.
  const { port } = server.address() as AddressInfo
  return {
    host: options.listen.host,
    port,
    replaceCertificate: (pair) => server.setSecureContext(pair),
    close: (graceMs) => close(server, open, underWay, graceMs),
    cut: () => cut(open),
  }
}

const LISTEN_REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program listens there: stop it, or choose another port.',
  EADDRNOTAVAIL: 'Choose an address of this machine, or 0.0.0.0 for all of them.',
  EACCES: 'Choose a port from 1024 on, or give the user the right to the lower ones (CAP_NET_BIND_SERVICE).',
}
const ADDRESS_REMEDY = 'Write HOST:PORT with an address of this machine.'

function cannotListen(listen: Listen, error: NodeJS.ErrnoException): StartRefusal {
  const remedy = LISTEN_REMEDIES[error.code ?? ''] ?? ADDRESS_REMEDY
  return new StartRefusal(`Nothing can listen at ${formatListen(listen)}: ${error.message}.`, remedy, { cause: error })
}

/** Looks at each connection's first byte before TLS does, and counts connections by address. Gives the set of open sockets. */
function takeOverConnections(server: Server, options: ListenerOptions): ReadonlySet<Socket> {
  // node:https has one listener here, the one that begins TLS on a socket.
  const beginTls = server.listeners('connection')
  server.removeAllListeners('connection')
  const open = new Set<Socket>()
  const perAddress = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => socket.destroy())
    const { peer } = connectionOf(socket)
    const address = peer.addressText
    const count = (perAddress.get(address) ?? 0) + 1
    if (count > options.maxConnectionsPerAddress) {
      options.onDrop('too-many-from-address')
      socket.destroy()
      return
    }
    if (!options.mayConnect(peer)) {
      options.onDrop('banned')
      socket.destroy()
      return
    }
    perAddress.set(address, count)
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      const left = (perAddress.get(address) ?? 1) - 1
      if (left === 0) perAddress.delete(address)
      else perAddress.set(address, left)
    })
    const timer = setTimeout(() => socket.destroy(), FIRST_BYTE_MS)
    socket.once('close', () => clearTimeout(timer))
    socket.once('readable', () => {
      const piece: Buffer | null = socket.read()
      if (piece === null) return
      clearTimeout(timer)
      socket.unshift(piece)
      // 22 begins a TLS handshake record (RFC 8446, 5.1).
      if (piece[0] === 22) for (const listener of beginTls) listener.call(server, socket)
      else answerPlainHttp(socket, options.redirectHost, options.onPlainRequest)
    })
  })
  return open
}

async function close(server: Server, open: ReadonlySet<Socket>, underWay: UnderWay, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  underWay.end()
  const startedMs = performance.now()
  const tick = setInterval(() => {
    server.closeIdleConnections()
    const waitedMs = performance.now() - startedMs
    // A connection without a call is one that never asked anything: it is not waited for longer than a request takes to arrive.
    if (waitedMs > graceMs || (waitedMs > ARRIVAL_MS && !underWay.isBusy())) cut(open)
  }, 25)
  await closed
  clearInterval(tick)
}

function cut(open: ReadonlySet<Socket>): void {
  for (const socket of open) socket.destroy()
}
