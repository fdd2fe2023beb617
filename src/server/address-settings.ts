/** The settings that are lists of addresses: strictly read at the start, since ignoring an entry could let everybody in, or nobody. */
import { compileIpRules, coversEveryAddress } from '../ip-rules/match.ts'
import { type IpRule, parseIpRule } from '../ip-rules/rule.ts'
import { StartRefusal } from '../storage/start-refusal.ts'
import type { AddressMatcher } from './client-address.ts'

/** Throws `StartRefusal`, naming the entry that cannot be read. */
export function compileAddresses(setting: string, texts: readonly string[]): AddressMatcher {
  return compileIpRules(parseAll(setting, texts))
}

/**
 * `trusted_proxies`. Who trusts every address as a proxy believes what any caller writes into `X-Forwarded-For`, as with “true”, so a list
 * that leaves none out is refused. Throws `StartRefusal`.
 */
export function compileProxies(texts: readonly string[]): AddressMatcher {
  const rules = parseAll('trusted_proxies', texts)
  const family = coversEveryAddress(rules)
  if (family === undefined) return compileIpRules(rules)
  const every = family === 'both' ? 'every address' : `every IP${family} address`
  throw new StartRefusal(
    `The setting trusted_proxies holds ${every}, so any caller could pretend to come from any address.`,
    'List the addresses of your proxies and no others.',
  )
}

function parseAll(setting: string, texts: readonly string[]): readonly IpRule[] {
  return texts.map((text) => {
    const parsed = parseIpRule(text)
    if (parsed.ok) return parsed.rule
    throw new StartRefusal(
      `The setting ${setting} holds “${text}”, which ${parsed.problem}.`,
      `Correct ${setting} in the settings.`,
    )
  })
}
