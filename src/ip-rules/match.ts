/**
 * What a list of address rules allows. A list is the union of its rules without its exceptions, in whatever order they stand, and an
 * empty one allows nothing here: where an empty list means "any address", as on a token, the caller decides that before asking. IPv4 and IPv6 never meet: `::/0` allows no IPv4
 * address and `0.0.0.0/0` no IPv6 address (our choice; `net.BlockList` says otherwise). No I/O.
 */
import type { Address } from './address.ts'
import type { IpRule } from './rule.ts'

/**
 * Prepares the check of one address against the rules; do it once per list. Each rule becomes one (IPv4) or four (IPv6) pairs of
 * mask and network in 32-bit words, so that a check compares numbers and allocates nothing. Bytes of a wrong length match nothing.
 */
export function compileIpRules(rules: readonly IpRule[]): (address: Address) => boolean {
  const allowed = compileUnion(rules.filter((rule) => !rule.isException))
  const exceptions = rules.filter((rule) => rule.isException)
  if (exceptions.length === 0) return allowed
  const excepted = compileUnion(exceptions)
  return (address) => allowed(address) && !excepted(address)
}

function compileUnion(rules: readonly IpRule[]): (address: Address) => boolean {
  const v4 = compileFamily(rules, 4)
  const v6 = compileFamily(rules, 6)
  return ({ family, bytes }) => {
    if (family === 4) return bytes.length === 4 && matchesV4(v4, bytes)
    return family === 6 && bytes.length === 16 && matchesV6(v6, bytes)
  }
}

/** Whether every address that `inner` allows is allowed by `outer`, all rules of `outer` taken together. True for an empty `inner`. */
export function rulesWithin(inner: readonly IpRule[], outer: readonly IpRule[]): boolean {
  return ([4, 6] as const).every((family) => {
    const spans = allowedSpans(outer, family)
    return allowedSpans(inner, family).every(({ first, last }) =>
      spans.some((span) => span.first <= first && last <= span.last),
    )
  })
}

/** The families of which no address is left out, also when several rules do it together; such a list restricts nothing, so warn. */
export function coversEveryAddress(rules: readonly IpRule[]): 'v4' | 'v6' | 'both' | undefined {
  const v4 = rulesWithin([EVERY_V4], rules)
  const v6 = rulesWithin([EVERY_V6], rules)
  if (v4 && v6) return 'both'
  if (v4) return 'v4'
  return v6 ? 'v6' : undefined
}

/** Each network once, where it stood first. Count a list against its limit after this. */
export function distinctRules(rules: readonly IpRule[]): readonly IpRule[] {
  return [...new Map(rules.map((rule) => [rule.text, rule])).values()]
}

const EVERY_V4: IpRule = { text: '0.0.0.0/0', family: 4, network: new Uint8Array(4), prefix: 0, isException: false }
const EVERY_V6: IpRule = {
  text: '0000:0000:0000:0000:0000:0000:0000:0000/0',
  family: 6,
  network: new Uint8Array(16),
  prefix: 0,
  isException: false,
}

function compileFamily(rules: readonly IpRule[], family: 4 | 6): Int32Array {
  const pairs = rules
    .filter((rule) => rule.family === family)
    .flatMap(({ network, prefix }) =>
      Array.from({ length: network.length / 4 }, (_, index) => [maskWord(prefix, index), wordAt(network, index * 4)]),
    )
  return Int32Array.from(pairs.flat())
}

function maskWord(prefix: number, index: number): number {
  const ones = Math.min(Math.max(prefix - index * 32, 0), 32)
  // A shift by 32 would be a shift by 0.
  return ones === 0 ? 0 : -1 << (32 - ones)
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

function matchesV4(pairs: Int32Array, bytes: Uint8Array): boolean {
  const word = wordAt(bytes, 0)
  for (let i = 0; i < pairs.length; i += 2) {
    if ((word & pairs[i]!) === pairs[i + 1]) return true
  }
  return false
}

function matchesV6(pairs: Int32Array, bytes: Uint8Array): boolean {
  if (pairs.length === 0) return false
  const a = wordAt(bytes, 0)
  const b = wordAt(bytes, 4)
  const c = wordAt(bytes, 8)
  const d = wordAt(bytes, 12)
  for (let i = 0; i < pairs.length; i += 8) {
    if (
      (a & pairs[i]!) === pairs[i + 1] &&
      (b & pairs[i + 2]!) === pairs[i + 3] &&
      (c & pairs[i + 4]!) === pairs[i + 5] &&
      (d & pairs[i + 6]!) === pairs[i + 7]
    ) {
      return true
    }
  }
  return false
}

type Span = { readonly first: bigint; readonly last: bigint }

function spanOf({ network, prefix }: IpRule): Span {
  const first = BigInt(`0x${Buffer.from(network).toString('hex')}`)
  return { first, last: first + (1n << BigInt(network.length * 8 - prefix)) - 1n }
}

/** What is left of the rules when the exceptions are taken out: spans in order, with a gap between each and the next. */
function allowedSpans(rules: readonly IpRule[], family: 4 | 6): readonly Span[] {
  const ofFamily = rules.filter((rule) => rule.family === family)
  const exceptions = mergedSpans(ofFamily.filter((rule) => rule.isException))
  return mergedSpans(ofFamily.filter((rule) => !rule.isException)).flatMap((span) => without(span, exceptions))
}

/** `exceptions` in order. */
function without({ first, last }: Span, exceptions: readonly Span[]): readonly Span[] {
  const left: Span[] = []
  let from = first
  for (const exception of exceptions) {
    if (exception.last < from || exception.first > last) continue
    if (exception.first > from) left.push({ first: from, last: exception.first - 1n })
    from = exception.last + 1n
  }
  if (from <= last) left.push({ first: from, last })
  return left
}

/** Neighbours and overlaps become one span, so a network lies in the union exactly when it lies in a single span. */
function mergedSpans(rules: readonly IpRule[]): readonly Span[] {
  const spans = rules.map(spanOf)
  spans.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  const merged: Span[] = []
  for (const span of spans) {
    const previous = merged.at(-1)
    if (previous === undefined || previous.last + 1n < span.first) merged.push(span)
    else if (span.last > previous.last) merged[merged.length - 1] = { first: previous.first, last: span.last }
  }
  return merged
}
