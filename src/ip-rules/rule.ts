/**
 * One address rule: a single address or a CIDR range, as people type it and as WHM prints it. Everything but the plain forms is
 * refused with a problem that names what is wrong, because a rule that is read otherwise than meant lets strangers in. No I/O.
 */
import { isV4Mapped, parseAddressBytes } from './address.ts'

/**
 * A network: no bit of `network` is set after `prefix`. `text` is canonical, so two rules mean the same network exactly when their
 * texts are equal: `10.5.3.33`, `10.5.3.0/24`, `12ab:0000:0000:cd30:0000:0000:0000:0000/60` (WHM: IPv6 in full, lower case).
 */
export type IpRule = {
  readonly text: string
  readonly family: 4 | 6
  readonly network: Uint8Array
  readonly prefix: number
  /** Taken out of what the other rules of its list allow; `text` then begins with `!`. */
  readonly isException: boolean
}

/** `problem` completes the sentence `“10.1” …` and has no full stop. `hadHostBits`: the rule is wider than the address typed; say so. */
export type ParsedIpRule =
  | { readonly ok: true; readonly rule: IpRule; readonly hadHostBits: boolean }
  | { readonly ok: false; readonly problem: string }

const LONGEST_RULE = 49 // the longest address and `/128`
const EXCEPTION_MARK = '!'
const PREFIX = /^(0|[1-9]\d{0,2})$/

/**
 * Reads one rule. Host bits are cut off and reported. A v4-mapped network (`::ffff:10.0.0.0/104`) becomes the IPv4 network that it
 * is; with a prefix under 96 it is wider than IPv4 and stays IPv6, which matches no IPv4 caller.
 */
export function parseIpRule(text: string): ParsedIpRule {
  if (text.length > LONGEST_RULE) return { ok: false, problem: 'is too long for an IP address or a CIDR range' }
  const [addressText = '', prefixText] = text.split(/\/(.*)/s)
  const bytes = parseAddressBytes(addressText)
  if (bytes === undefined) return { ok: false, problem: problemOfCharacters(text) ?? problemOfAddress(addressText) }
  const bits = bytes.length * 8
  const prefix = prefixText === undefined ? bits : parsePrefix(prefixText, bits)
  if (prefix === undefined) {
    return { ok: false, problem: problemOfCharacters(text) ?? problemOfPrefix(prefixText ?? '', bits) }
  }
  const typed = isV4Mapped(bytes) && prefix >= 96 ? { bytes: bytes.slice(12), prefix: prefix - 96 } : { bytes, prefix }
  const network = typed.bytes.map((byte, index) => byte & maskByte(typed.prefix, index))
  const hadHostBits = network.some((byte, index) => byte !== typed.bytes[index])
  return { ok: true, rule: ruleOf(network, typed.prefix), hadHostBits }
}

/** The same for a rule of a list that may have exceptions, written `!10.5.3.7` (our addition; WHM refuses them). */
export function parseListedRule(text: string): ParsedIpRule {
  if (!text.startsWith(EXCEPTION_MARK)) return parseIpRule(text)
  const parsed = parseIpRule(text.slice(EXCEPTION_MARK.length))
  if (!parsed.ok) return parsed
  return { ...parsed, rule: { ...parsed.rule, text: EXCEPTION_MARK + parsed.rule.text, isException: true } }
}

function ruleOf(network: Uint8Array, prefix: number): IpRule {
  const isV4 = network.length === 4
  const address = isV4
    ? network.join('.')
    : Buffer.from(network)
        .toString('hex')
        .replace(/.{4}(?=.)/g, '$&:')
  const text = prefix === network.length * 8 ? address : `${address}/${prefix}`
  return { text, family: isV4 ? 4 : 6, network, prefix, isException: false }
}

function parsePrefix(text: string, bits: number): number | undefined {
  return PREFIX.test(text) && Number(text) <= bits ? Number(text) : undefined
}

function maskByte(prefix: number, index: number): number {
  const ones = Math.min(Math.max(prefix - index * 8, 0), 8)
  return (0xff << (8 - ones)) & 0xff
}

function problemOfCharacters(text: string): string | undefined {
  if (text === '') return 'is empty'
  if (/\s/.test(text)) return 'contains a blank'
  if (/[^\x21-\x7e]/.test(text)) return 'contains a character that no IP address has'
  if (text.includes('%')) return 'names a zone after “%”, which an address rule cannot have'
  if (text.indexOf('/') !== text.lastIndexOf('/')) return 'has more than one “/”'
  return undefined
}

/** The IPv4 part, alone or at the end of IPv6, is where people expect a lenient reading, so its faults are told apart. */
function problemOfAddress(text: string): string {
  const tail = text.slice(text.lastIndexOf(':') + 1)
  const numbers = tail.split('.')
  const isMeantAsV4 = /^[\d.]+$/.test(tail) && (numbers.length > 1 || tail === text)
  if (!isMeantAsV4) return 'is not an IP address or a CIDR range'
  const padded = numbers.find((number) => /^0\d/.test(number))
  if (padded !== undefined) return `has a leading zero in “${padded}”`
  const large = numbers.length === 4 && numbers.find((number) => Number(number) > 255)
  if (large) return `has “${large}” where at most 255 is possible`
  if (numbers.length === 4 && !numbers.includes('')) return 'is not an IP address or a CIDR range'
  return 'needs four numbers with a dot between them, as in “10.5.3.33”'
}

function problemOfPrefix(text: string, bits: number): string {
  if (text === '') return 'has no prefix length after the “/”'
  if (!/^\d+$/.test(text)) return `has the prefix length “${text}”, which is not a whole number`
  if (/^0\d/.test(text)) return `has a leading zero in the prefix length “${text}”`
  return `has the prefix length “${text}”, where at most ${bits} is possible`
}

/** The fewest networks that hold every address from the first to the last and no other; undefined where that is no range. */
export function rulesOfRange(first: string, last: string): readonly IpRule[] | undefined {
  const [from, to] = [parseIpRule(first), parseIpRule(last)]
  if (!from.ok || !to.ok || from.rule.family !== to.rule.family) return undefined
  const bits = from.rule.network.length * 8
  if (from.rule.prefix !== bits || to.rule.prefix !== bits) return undefined
  let start = numberOf(from.rule.network)
  const end = numberOf(to.rule.network)
  if (start > end) return undefined
  const rules: IpRule[] = []
  while (start <= end) {
    let size = 1n
    // As long as the network begins here and ends within the range.
    while (start % (size * 2n) === 0n && start + size * 2n - 1n <= end) size *= 2n
    rules.push(ruleOf(bytesOf(start, bits / 8), bits - (size.toString(2).length - 1)))
    start += size
  }
  return rules
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function bytesOf(number: bigint, length: number): Uint8Array {
  return Uint8Array.from(Buffer.from(number.toString(16).padStart(length * 2, '0'), 'hex'))
}
