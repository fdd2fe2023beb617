/**
 * What a request's head says, read from the lines as they were sent. Node keeps the first of two `Authorization` lines silently, so
 * the lines themselves are counted here. No header name from outside ever becomes the key of an object.
 */

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
        contentType ??= value
        break
      case 'content-encoding':
        contentEncoding ??= value
        break
      case 'content-length':
        contentLength ??= value
        break
      case 'transfer-encoding':
        transferEncoding ??= value
        break
      case 'origin':
        origin ??= value
        break
      case 'host':
        host ??= value
        break
      case 'sec-fetch-site':
        fetchSite ??= value
        break
      case 'x-postern-user':
        localUser ??= value
        break
      default:
        if (FORWARDING.has(name)) {
          if (!forwardingHeaders.includes(name)) forwardingHeaders = [...forwardingHeaders, name]
          if (name === 'x-forwarded-for') forwardedFor = forwardedFor === undefined ? value : `${forwardedFor},${value}`
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
