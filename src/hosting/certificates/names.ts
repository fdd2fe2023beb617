/** Which host names a certificate covers (RFC 6125 6.4.3). No I/O. */

/** Says whether one of the names is the host, or has a star in place of its first label and nothing less than that. */
export function covers(names: readonly string[], host: string): boolean {
  const dot = host.indexOf('.')
  const wildcard = dot === -1 ? undefined : `*${host.slice(dot)}`
  return names.some((name) => name === host || name === wildcard)
}
