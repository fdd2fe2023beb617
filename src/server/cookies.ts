import { parseCookie } from 'cookie'

/** The cookies of a `Cookie` header; of two with one name the first counts. Values that cannot be decoded stay as they were sent. */
export function parseCookies(header: string): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(parseCookie(header)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
