/**
 * What Node's parser refuses before there is a request: malformed, too large or too slow. The reply is written by hand, and the
 * connection is closed, since nobody knows any more where one request ends and the next begins. Nothing that was sent is repeated.
 */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { FAILURES } from '../failures.ts'
import { failureBody } from '../whm/reply.ts'
import { BROWSER_JSON_HEADERS, RAW_BROWSER_JSON_HEADERS } from './respond.ts'

const NOT_HTTP = 'it is not HTTP/1.1 as it should be'
const LINGER_MS = 1_000
const ALLOW = 'allow: GET, POST\r\n'
const refused = new WeakSet<Duplex>()

/** For `clientError`. */
export function answerClientError(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Duplex): void {
  // The rest of what was refused comes in as more errors while the reply is on its way; so does what follows `Connection: close`.
  if (refused.has(socket) || error.code === 'HPE_CLOSED_CONNECTION') return
  if (!socket.writable || error.code === 'ECONNRESET') socket.destroy()
  else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') refuseRaw(socket, 408, 'it came too slowly')
  else if (error.code === 'HPE_HEADER_OVERFLOW') refuseRaw(socket, 431, 'its headers are too large')
  else if (error.code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') refuseRaw(socket, 413, 'a part of it is too large')
  else if (error.code === 'HPE_INVALID_METHOD' && isOtherMethod(error.rawPacket)) refuseMethod(socket)
  else refuseRaw(socket, 400, NOT_HTTP)
}

/** For `connect`, and for methods that the parser does not know. */
export function refuseMethod(socket: Duplex): void {
  write(socket, 405, FAILURES['method-not-allowed'].reason(), ALLOW)
}

/** For `checkExpectation`: anything but `100-continue`. */
export function refuseExpectation(response: ServerResponse): void {
  refuseRequest(response, 417, FAILURES['expectation-failed'].reason())
}

/** For a head that was read whole, with more lines than anybody needs. */
export function refuseHead(response: ServerResponse, maxLines: number): void {
  refuseRequest(response, 431, FAILURES['head-too-long'].reason({ maxLines }))
}

/** For a version that is neither 1.0 nor 1.1, and for what else the parser lets through. */
export function refuseMalformed(response: ServerResponse, problem = NOT_HTTP): void {
  refuseRequest(response, 400, FAILURES['request-malformed'].reason({ problem }))
}

function refuseRequest(response: ServerResponse, status: number, reason: string): void {
  const body = failureBody(1, undefined, reason)
  response.shouldKeepAlive = false
  response.writeHead(status, [...BROWSER_JSON_HEADERS, 'content-length', String(Buffer.byteLength(body))]).end(body)
}

/** A well-formed request line with a method of no standard; garbage is none. */
function isOtherMethod(packet: Buffer | undefined): boolean {
  return /^[A-Za-z-]{1,32} [!-~]+ HTTP\/1\.[01]\r\n/.test(packet?.toString('latin1', 0, 1024) ?? '')
}

const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
}

function refuseRaw(socket: Duplex, status: number, problem: string): void {
  write(socket, status, FAILURES['request-malformed'].reason({ problem }), '')
}

function write(socket: Duplex, status: number, reason: string, headers: string): void {
  refused.add(socket)
  const body = failureBody(1, undefined, reason)
  const length = Buffer.byteLength(body)
  const reply = `HTTP/1.1 ${status} ${PHRASES[status]}\r\n${RAW_BROWSER_JSON_HEADERS}content-length: ${length}\r\n${headers}connection: close\r\n\r\n${body}`
  // A slow request could still become whole, and must not run after its refusal; so that connection is not kept a moment longer.
  if (status === 408) {
    socket.end(reply, () => socket.destroy())
    return
  }
  // Closing with bytes unread would reset the connection, and the reply could be lost on its way.
  socket.end(reply)
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
}
