/** Which requests are for the functions, and which for the pages. */
import type { IncomingMessage } from 'node:http'

/**
 * Says whether the request is for the functions; what is not goes to the pages. A credential in the header is for the functions
 * wherever it was sent, so that a misspelt path gives its owner a 404 and a stranger a refusal, and not a page to sign in.
 */
export function isForFunctions(request: IncomingMessage): boolean {
  const url = request.url ?? ''
  if (isApiPath(url)) return true
  return (request.headers.authorization ?? '').trim() !== '' && !PAGES.test(url)
}

const PAGES = /^\/(cpsess[0-9]*\/?|healthz|login\/?|logout\/?)?(\?|$)/

/** Says whether the path is one of the functions, or the document that describes them. */
export function isApiPath(url: string): boolean {
  const path = url.startsWith('/cpsess') ? url.slice(Math.max(1, url.indexOf('/', 1))) : url
  return (
    path.startsWith('/json-api') || path.startsWith('/execute') || path.startsWith('/xml-api') || OPENAPI.test(path)
  )
}

export const OPENAPI_PATH = '/openapi.json'
const OPENAPI = /^\/openapi\.json(\?|$)/
