import { isIPv4, isIPv6 } from 'node:net'
import { SettingsError } from './problem.ts'

/** Where to listen: what `net.Server.listen` takes. Port 0 lets the system pick one. */
export type Listen = { readonly host: string; readonly port: number }

const FORM = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[A-Za-z0-9._-]+)):(?<port>\d{1,5})$/

/** Reads `HOST:PORT` or `[IPV6]:PORT`. Throws a SettingsError for anything else: a guess could open the door to every address. */
export function parseListen(text: string): Listen {
  const { v6, name, port } = FORM.exec(text)?.groups ?? {}
  const host = v6 === undefined ? name : isIPv6(v6) ? v6 : undefined
  // The system's resolver would read `127.1` and `2130706433` as addresses.
  const isHost = host !== undefined && (!/^[\d.]+$/.test(host) || isIPv4(host))
  if (isHost && Number(port) <= 65535) return { host, port: Number(port) }
  throw new SettingsError(`“${text}” is not HOST:PORT`, 'write for example 127.0.0.1:2087, 0.0.0.0:2087 or [::1]:2087')
}

/** Prints what `parseListen` reads; an IPv6 address gets its brackets. */
export function formatListen({ host, port }: Listen): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Says whether `parseListen` would accept the text. */
export function isListen(text: string): boolean {
  try {
    parseListen(text)
    return true
  } catch (error) {
    if (error instanceof SettingsError) return false
    throw error
  }
}
