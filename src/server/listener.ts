/**
 * One HTTPS listener with every time-out and limit set (Node's and Fastify's own defaults leave several open), and with plain HTTP on
 * the same port answered without data. A connection's first byte decides: a TLS handshake goes to `node:https`, anything else gets a
 * redirect or a refusal in clear, and a credential that was sent in clear is reported.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Listen } from '../config/listen.ts'
import { FAILURES } from '../failures.ts'
import { failureBody } from '../whm/reply.ts'
import { peerAddress } from './peer.ts'
import { answerPlainHttp, type PlainRequest } from './plain-http.ts'

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
  onDrop(reason: 'too-many' | 'too-many-from-address'): void
}

export type Listener = {
  readonly host: string
  readonly port: number
  replaceCertificate(pair: { readonly cert: string; readonly key: string }): void
  /** Stops listening, lets running calls end (at most `graceMs`), then closes what is left. */
  close(graceMs: number): Promise<void>
}

// Slow headers, slow bodies, silence before the handshake, and clients that never read; reliability over convenience.
const FIRST_BYTE_MS = 5_000
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 15_000,
  handshakeTimeout: 5_000,
} as const
const SOCKET_SILENCE_MS = 30_000
const HEADER_MAX_BYTES = 16 * 1024
export const REQUESTS_PER_CONNECTION_MAX = 1_000

export async function openListener(options: ListenerOptions): Promise<Listener> {
  const server = createServer({
    cert: options.cert,
    key: options.key,
    minVersion: 'TLSv1.2',
    maxHeaderSize: HEADER_MAX_BYTES,
    httpValidation: 'strict',
    requireHostHeader: true,
    ...TIMEOUTS,
  } as ServerOptions)
  server.maxConnections = options.maxConnections
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX
  server.timeout = SOCKET_SILENCE_MS
  // Node sends no more than this many header lines to the handler; what lies above it must not pass unseen.
  server.maxHeadersCount = 0
  server.on('request', options.handle)
  server.on('checkContinue', options.handle)
  server.on('checkExpectation', (_request, response) => refuseExpectation(response))
  server.on('clientError', answerClientError)
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  server.on('connect', (_request, socket) => refuseRaw(socket, 405, 'method-not-allowed', 'Allow: GET, POST\r\n'))
  server.on('drop', () => options.onDrop('too-many'))
  const open = takeOverConnections(server, options)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.listen.port, options.listen.host, resolve)
  })
  // Listening on a port, so the address is an object.
  const { port } = server.address() as AddressInfo
  return {
    host: options.listen.host,
    port,
    replaceCertificate: (pair) => server.setSecureContext(pair),
    close: (graceMs) => close(server, open, graceMs),
  }
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
    const address = peerAddress(socket).addressText
    const count = (perAddress.get(address) ?? 0) + 1
    if (count > options.maxConnectionsPerAddress) {
      options.onDrop('too-many-from-address')
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

async function close(server: Server, open: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  // A connection that becomes idle now is closed with its reply; one that never does is cut.
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => {
    for (const socket of open) socket.destroy()
  }, graceMs)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
}

function refuseExpectation(response: ServerResponse): void {
  const body = failureBody(1, undefined, FAILURES['expectation-failed'].reason())
  response.writeHead(417, { 'content-type': 'application/json; charset=utf-8', connection: 'close' }).end(body)
}

/** What Node's parser refuses: malformed, too large or too slow. The connection is closed, since its borders are in doubt. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  if (error.code === 'HPE_HEADER_OVERFLOW') refuseRaw(socket, 431, 'request-malformed')
  else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') refuseRaw(socket, 408, 'request-malformed')
  else if (error.code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') refuseRaw(socket, 413, 'request-malformed')
  else refuseRaw(socket, 400, 'request-malformed')
}

const RAW_PROBLEMS: Readonly<Record<number, readonly [phrase: string, problem: string]>> = {
  400: ['Bad Request', 'it is not HTTP/1.1 as it should be'],
  405: ['Method Not Allowed', ''],
  408: ['Request Timeout', 'it came too slowly'],
  413: ['Content Too Large', 'a part of it is too large'],
  431: ['Request Header Fields Too Large', 'its headers are too large'],
}

function refuseRaw(
  socket: Duplex,
  status: number,
  code: 'request-malformed' | 'method-not-allowed',
  headers = '',
): void {
  const [phrase, problem] = RAW_PROBLEMS[status] ?? ['', '']
  const reason = code === 'request-malformed' ? FAILURES[code].reason({ problem }) : FAILURES[code].reason()
  const body = failureBody(1, undefined, reason)
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
