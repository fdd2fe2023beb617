/** Where a sign-in leads when the form asks for a page (`goto_uri`). No I/O. */
import { isApiPath } from './api-paths.ts'

const OWN = 'https://postern.invalid'
const LENGTH_MAX = 2000

/**
 * The path behind the new security token, `/` for whatever is not plainly a page of ours: another host in any spelling, a function
 * (a link from outside must not make a call through a person who signs in), the sign-in itself.
 */
export function pathAfterSignIn(gotoUri: string): string {
  if (gotoUri.length > LENGTH_MAX || !/^\/[!-~]*$/.test(gotoUri) || /^\/\/|\\/.test(gotoUri)) return '/'
  const url = URL.canParse(gotoUri, OWN) ? new URL(gotoUri, OWN) : undefined
  if (url?.origin !== OWN) return '/'
  const path = url.pathname.replace(/^\/cpsess\d*(?=\/|$)/, '')
  if (path.startsWith('//') || isApiPath(path) || /^\/(cpsess|login|logout|healthz)/.test(path)) return '/'
  return `${path || '/'}${url.search}${url.hash}`
}
