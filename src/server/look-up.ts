/** Questions to the name servers that this machine uses. */
import { Resolver } from 'node:dns/promises'

const TIMEOUT_MS = 2_000

/** What the program `host` would say of the domain; no line for a name that leads nowhere, or that nobody answers for in time. */
export async function lookUpDomain(domain: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 })
  const [addresses, wide, mail] = await Promise.all([
    resolver.resolve4(domain).catch(() => []),
    resolver.resolve6(domain).catch(() => []),
    resolver.resolveMx(domain).catch(() => []),
  ])
  return [
    ...addresses.map((address) => `${domain} has address ${address}`),
    ...wide.map((address) => `${domain} has IPv6 address ${address}`),
    ...mail.map(({ priority, exchange }) => `${domain} mail is handled by ${priority} ${exchange}.`),
  ]
}
