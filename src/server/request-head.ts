/**
 * What a request's head says, read from the lines as they were sent. Node keeps the first of two `Authorization` lines silently, so
 * the lines themselves are counted here. No header name from outside ever becomes the key of an object.
 */
import type { IncomingMessage } from 'node:http'

export type RequestHead = {
  readonly authorization: string | undefined
  readonly authorizationLines: number
  readonly cookie: string | undefined
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly contentLength: string | undefined
  readonly transferEncoding: string | undefined
  readonly origin: string | undefined
  readonly host: string | undefined
  readonly fetchSite: string | undefined
  /** All `X-Forwarded-For` lines, joined in their order. */
  readonly forwardedFor: string | undefined
  /** Names of headers by which a client or proxy names another address, each once. */
  readonly forwardingHeaders: readonly string[]
  /** `X-Postern-User`: read by the local door alone, and nothing but text anywhere else. */
  readonly localUser: string | undefined
}

const FORWARDING = new Set([
  'x-forwarded-for',
  'x-real-ip',
  'forwarded',
  'x-client-ip',
  'cf-connecting-ip',
  'true-client-ip',
  'x-cluster-client-ip',
])

const NONE: readonly string[] = []

/** Reads `rawHeaders` (name, value, name, value …) once. */
export function readHead(rawHeaders: readonly string[]): RequestHead {
  let authorization: string | undefined
  let authorizationLines = 0
  let cookie: string | undefined
  let contentType: string | undefined
  let contentEncoding: string | undefined
  let contentLength: string | undefined
  let transferEncoding: string | undefined
  let origin: string | undefined
  let host: string | undefined
  let fetchSite: string | undefined
  let forwardedFor: string | undefined
  let localUser: string | undefined
  let forwardingHeaders = NONE
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = rawHeaders[index + 1] ?? ''
    switch (name) {
      case 'authorization':
        authorization ??= value
        authorizationLines += 1
        break
      case 'cookie':
        cookie = cookie === undefined ? value : `${cookie}; ${value}`
        break
      case 'content-type':
        contentType = joined(contentType, value)
        break
      case 'content-encoding':
        contentEncoding = joined(contentEncoding, value)
        break
      case 'content-length':
        contentLength ??= value
        break
      case 'transfer-encoding':
        transferEncoding ??= value
        break
      case 'origin':
        origin = joined(origin, value)
        break
      case 'host':
        host ??= value
        break
      case 'sec-fetch-site':
        fetchSite = joined(fetchSite, value)
        break
      case 'x-postern-user':
        localUser ??= value
        break
      default:
        if (FORWARDING.has(name)) {
          if (!forwardingHeaders.includes(name)) forwardingHeaders = [...forwardingHeaders, name]
          if (name === 'x-forwarded-for') forwardedFor = joined(forwardedFor, value)
        }
    }
  }
  return {
    authorization,
    authorizationLines,
    cookie,
    contentType,
    contentEncoding,
    contentLength,
    transferEncoding,
    origin,
    host,
    fetchSite,
    forwardedFor,
    forwardingHeaders,
    localUser,
  }
}

/** Of what is sent twice no line wins silently: together they are a list, which is understood only where lists are. */
function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before},${value}`
}

// A name, an IPv4 or a bracketed IPv6 address, and a port; or nothing (RFC 9110, 7.2).
const HOST = /^(?:[\w.~%!$&'()*+,;=-]*|\[[\da-fA-F:.]+\])(?::\d{0,5})?$/

/** Why the host that a request names is none, if so: HTTP/1.1 wants exactly one line (RFC 9112, 3.2). */
export function hostProblem({ rawHeaders, httpVersionMinor }: IncomingMessage): string | undefined {
  let lines = 0
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (!isNamed(rawHeaders[index], 'host')) continue
    lines += 1
    if (!HOST.test(rawHeaders[index + 1] ?? '')) return 'its Host is no name and no address'
  }
  if (lines > 1) return 'it holds more than one Host line'
  return lines === 0 && httpVersionMinor > 0 ? 'it holds no Host line' : undefined
}

/** Says whether the client would rather speak another protocol on this connection. */
export function asksToUpgrade({ rawHeaders }: IncomingMessage): boolean {
  for (let index = 0; index < rawHeaders.length; index += 2) if (isNamed(rawHeaders[index], 'upgrade')) return true
  return false
}

/** The length first: this is asked of each line of each request. */
function isNamed(name: string | undefined, lowerCase: string): boolean {
  return name !== undefined && name.length === lowerCase.length && name.toLowerCase() === lowerCase
}
