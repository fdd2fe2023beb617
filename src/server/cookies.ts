import { parseCookie } from 'cookie'

/**
 * The value of one cookie in a `Cookie` header. Undefined where it is missing, and where it was sent with two different values: a
 * neighbouring host name can plant a second one, and nothing in the header says which is ours. A value that cannot be decoded stays
 * as it was sent.
 */
export function cookieIn(header: string, name: string): string | undefined {
  const values = new Set(header.split(';').map((part) => parseCookie(part)[name]))
  values.delete(undefined)
  return values.size === 1 ? [...values][0] : undefined
}
