/** How replies of the functions go out: their heads, what ends a connection, and what becomes of a body that nobody read. */
import type { Exchange } from './exchange.ts'
import { discardBody, isBodyLeft } from './request-body.ts'

export const JSON_HEADERS = [
  'content-type',
  'application/json; charset=utf-8',
  'cache-control',
  'no-store',
  'x-content-type-options',
  'nosniff',
] as const
/** Where the reply may be opened in a browser: it runs nothing, loads nothing, and stands in no frame. */
export const BROWSER_JSON_HEADERS = [
  ...JSON_HEADERS,
  'content-security-policy',
  "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
  'referrer-policy',
  'no-referrer',
  'cross-origin-opener-policy',
  'same-origin',
  'cross-origin-resource-policy',
  'same-origin',
] as const
/** The same as lines, for replies that are written by hand. */
export const RAW_BROWSER_JSON_HEADERS: string = BROWSER_JSON_HEADERS.reduce(
  (lines, text, index) => lines + text + (index % 2 === 0 ? ': ' : '\r\n'),
  '',
)
// Observed at WHM: a refused credential is answered as plain text that holds JSON, and the connection closed.
export const REFUSED_HEADERS = [
  'content-type',
  'text/plain; charset="utf-8"',
  'cache-control',
  'no-store',
  'x-content-type-options',
  'nosniff',
] as const

/** Sends status, head and body; gives the length of the body in bytes. */
export function send(exchange: Exchange, status: number, headers: readonly string[], body: string): number {
  const { request, response, head } = exchange
  const length = Buffer.byteLength(body)
  const isCut = status >= 400 && isBodyLeft(request, head)
  if (isCut || headers === REFUSED_HEADERS || endsConnection(status)) response.shouldKeepAlive = false
  const lines = headers === JSON_HEADERS ? jsonHeaders(length) : [...headers, 'content-length', String(length)]
  if (headers === REFUSED_HEADERS) response.writeHead(403, 'Forbidden Access denied', lines)
  else response.writeHead(status, lines)
  if (isCut) discardBody(request, response, body)
  // As many bytes as characters means ASCII, which latin1 sends as it is and faster than UTF-8 does.
  else response.end(body, length === body.length ? 'latin1' : 'utf8')
  return length
}

/** The head of most replies, made once for each length. */
const headersByLength: string[][] = []
function jsonHeaders(length: number): string[] {
  if (length >= 1024) return [...JSON_HEADERS, 'content-length', String(length)]
  headersByLength[length] ??= [...JSON_HEADERS, 'content-length', String(length)]
  return headersByLength[length]
}

/**
 * Where the borders of a request are in doubt, the next one could be mistaken for a part of it. They are not with 429, and whoever comes
 * again on the same connection costs no handshake.
 */
function endsConnection(status: number): boolean {
  return status === 400 || status === 405 || (status >= 411 && status < 500 && status !== 429)
}
