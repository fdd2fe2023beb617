/**
 * Questions to the name servers that this machine uses, answered as far as anybody would be told: those name servers may also know the
 * provider's own network, which is none of the accounts' business.
 */
import { Resolver } from 'node:dns/promises'
import ipaddr from 'ipaddr.js'
import { makeBoundedTurns } from '../hosting/hosts/turns.ts'

const TIMEOUT_MS = 2_000
const WHOLE_TIMEOUT_MS = 5_000
const BOUNDS = { atOnce: 4, inAll: 20, each: 4 }

/** Names that public DNS does not have (RFC 6761, 6762, 8375, 9476, and `internal`, reserved by ICANN), and those that stand for addresses. */
const NOT_PUBLIC = /(?:^|\.)(?:local|localhost|internal|intranet|private|corp|home|lan|test|invalid|onion|alt)$/
const NOT_PUBLIC_ARPA = /(?:^|\.)(?:home|in-addr|ip6)\.arpa$/

export type Asker = {
  readonly userId: number
  /** The name is a domain of an account of this server, which may have a name that public DNS has not. */
  readonly isOurs: boolean
}

type Resolving = Pick<Resolver, 'resolve4' | 'resolve6' | 'resolveMx' | 'cancel'>

/**
 * What the program `host` would say of a domain; no line for a name that leads nowhere, that is not public, or that nobody answers for in
 * time. Private addresses are left out but for those that accounts of this server have (`addresses`): a domain of an account may be an alias
 * for any other name. Few questions run at once; beyond those that may wait it throws `overloaded`.
 */
export function makeLookUp(
  addresses: readonly string[],
  newResolver: () => Resolving = () => new Resolver({ timeout: TIMEOUT_MS, tries: 1 }),
): (domain: string, asker: Asker) => Promise<readonly string[]> {
  const turns = makeBoundedTurns(BOUNDS)
  const own = new Set(addresses.map((address) => ipaddr.process(address).toString()))
  const isShown = (address: string): boolean => {
    const parsed = ipaddr.process(address)
    return parsed.range() === 'unicast' || own.has(parsed.toString())
  }
  return async (domain, { userId, isOurs }) => {
    if (!isOurs && !isPublicName(domain)) return []
    return turns(userId, () => ask(newResolver(), domain, isShown))
  }
}

async function ask(
  resolver: Resolving,
  domain: string,
  isShown: (address: string) => boolean,
): Promise<readonly string[]> {
  // The resolver's own limit counts for each name server anew.
  const timer = setTimeout(() => resolver.cancel(), WHOLE_TIMEOUT_MS)
  try {
    const [addresses, wide, mail] = await Promise.all([
      resolver.resolve4(domain).catch(() => []),
      resolver.resolve6(domain).catch(() => []),
      resolver.resolveMx(domain).catch(() => []),
    ])
    return [
      ...addresses.filter(isShown).map((address) => `${domain} has address ${address}`),
      ...wide.filter(isShown).map((address) => `${domain} has IPv6 address ${address}`),
      ...mail
        .filter(({ exchange }) => exchange === '' || isPublicName(exchange))
        .map(({ priority, exchange }) => `${domain} mail is handled by ${priority} ${exchange}.`),
    ]
  } finally {
    clearTimeout(timer)
  }
}

function isPublicName(domain: string): boolean {
  const name = domain.toLowerCase().replace(/\.$/, '')
  return name.includes('.') && !NOT_PUBLIC.test(name) && !NOT_PUBLIC_ARPA.test(name)
}
