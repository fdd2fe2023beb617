/**
 * IP addresses: which texts are one, and how one is printed. Only the plain forms count. What address libraries and the C library
 * accept beside them (`010.0.0.1` as octal, `10.1`, `0x0a000001`, zone ids) is refused before a library sees the text, because two
 * readers that disagree about an address are a hole in a rule. No I/O.
 */
import ipaddr from 'ipaddr.js'

/** 4 bytes for family 4, 16 for family 6. A v4-mapped IPv6 address is always family 4, so each caller has one form only. */
export type Address = { readonly family: 4 | 6; readonly bytes: Uint8Array }

const LONGEST_ADDRESS = 45 // 0000:0000:0000:0000:0000:ffff:255.255.255.255
const V4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/
const V6_GROUP = /^[0-9a-f]{1,4}$/i
const V4_TAIL = /(?<=:)\d+\.\d+\.\d+\.\d+$/

/**
 * Reads four decimal numbers without leading zeros, or plain IPv6 (also with such an IPv4 tail), and nothing else: no blanks, no
 * zone id. A socket's link-local peer comes with a zone (`fe80::1%eth0`), which the caller has to cut off first.
 */
export function parseAddress(text: string): Address | undefined {
  const bytes = parseAddressBytes(text)
  return bytes && toAddress(bytes)
}

/** As `parseAddress`, but a v4-mapped address stays 16 bytes: a prefix length written beside it counts from there. */
export function parseAddressBytes(text: string): Uint8Array | undefined {
  if (text.length > LONGEST_ADDRESS) return undefined
  return text.includes(':') ? parseV6(text) : parseV4(text)
}

/** `::ffff:a.b.c.d`. Neither `::a.b.c.d` nor `64:ff9b::a.b.c.d`: those are other addresses than `a.b.c.d`. */
export function isV4Mapped(bytes: Uint8Array): boolean {
  return bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((b) => b === 0)
}

/** Dotted decimals, or the shortest lower-case form of RFC 5952: for logs and the audit trail. */
export function formatAddress(address: Address): string {
  if (address.family === 4) return address.bytes.join('.')
  return new ipaddr.IPv6([...address.bytes]).toRFC5952String()
}

function toAddress(bytes: Uint8Array): Address {
  if (bytes.length === 4) return { family: 4, bytes }
  return isV4Mapped(bytes) ? { family: 4, bytes: bytes.slice(12) } : { family: 6, bytes }
}

function parseV4(text: string): Uint8Array | undefined {
  const numbers = V4.exec(text)?.slice(1).map(Number)
  return numbers?.every((number) => number <= 255) ? Uint8Array.from(numbers) : undefined
}

function parseV6(text: string): Uint8Array | undefined {
  const hex = withoutV4Tail(text)
  return hex !== undefined && isPlainV6(hex) ? Uint8Array.from(ipaddr.IPv6.parse(hex).toByteArray()) : undefined
}

/** An IPv4 tail as two hexadecimal groups. Left as it is, ipaddr.js would read `::10.1.2.3` as `::ffff:10.1.2.3`. */
function withoutV4Tail(text: string): string | undefined {
  const tail = V4_TAIL.exec(text)
  if (tail === null) return text
  const bytes = parseV4(tail[0])
  if (bytes === undefined) return undefined
  const hex = Buffer.from(bytes).toString('hex')
  return `${text.slice(0, tail.index)}${hex.slice(0, 4)}:${hex.slice(4)}`
}

/** RFC 4291, 2.2: eight groups, or at most seven with one `::` that stands for the others. */
function isPlainV6(text: string): boolean {
  const sides = text.split('::')
  if (sides.length > 2) return false
  const groups = sides.flatMap((side) => (side === '' ? [] : side.split(':')))
  return groups.every((group) => V6_GROUP.test(group)) && (sides.length === 2 ? groups.length < 8 : groups.length === 8)
}
