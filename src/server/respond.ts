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

/** A person may open any address; programs that bring a token or a password need nothing of what a browser must be told. */
export function mayBeBrowser({ caller }: Exchange): boolean {
  return caller === undefined || caller.credential.kind === 'session'
}

const XML_REFUSED_HEADERS: readonly string[] = withXmlType(REFUSED_HEADERS)
const XML_HEADERS: readonly string[] = withXmlType(BROWSER_JSON_HEADERS)

/** The same head for a reply in XML. Whoever opens it in a browser is guarded, since it may be shown as a page. */
export function asXml(headers: readonly string[]): readonly string[] {
  if (headers === REFUSED_HEADERS) return XML_REFUSED_HEADERS
  return headers === JSON_HEADERS || headers === BROWSER_JSON_HEADERS ? XML_HEADERS : withXmlType(headers)
}

function withXmlType(headers: readonly string[]): readonly string[] {
  return withType('text/xml; charset=utf-8', headers)
}

/** The same head for a body of another type. */
export function withType(type: string, [name = '', , ...others]: readonly string[]): readonly string[] {
  return [name, type, ...others]
}

/** Sends status, head and body; gives the length of the body in bytes. */
export function send(exchange: Exchange, status: number, headers: readonly string[], body: string): number {
  const { request, response, head } = exchange
  const length = Buffer.byteLength(body)
  const isCut = status >= 400 && isBodyLeft(request, head)
  const isRefused = headers === REFUSED_HEADERS || headers === XML_REFUSED_HEADERS
  if (isCut || isRefused || endsConnection(status)) response.shouldKeepAlive = false
  const lines = headers === JSON_HEADERS ? jsonHeaders(length) : [...headers, 'content-length', String(length)]
  if (isRefused) response.writeHead(403, 'Forbidden Access denied', lines)
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
