/** The lists of addresses that are never banned (WHM: white) or never let in (black), as functions take and show them. */
import { Failure } from '../../failures.ts'
import { parseAddress } from '../../ip-rules/address.ts'
import { compileIpRules, distinctRules } from '../../ip-rules/match.ts'
import { type IpRule, parseIpRule, rulesOfRange } from '../../ip-rules/rule.ts'
import type { ListName } from '../../protection/store.ts'
import { flag, list, optional, type Param, text } from '../../whm/params.ts'
import type { Context, Stores } from '../context.ts'

const COMMENT_MAX_LENGTH = 255
const ADDRESSES_MAX = 1000

export const listName = text({
  doc: 'white: never banned. black: never let in.',
  only: /^(?:white|black)$/,
  onlyProblem: 'is neither white nor black',
})

export const comment = (): Param<string | undefined> =>
  optional(text({ doc: 'A comment for the list.', max: COMMENT_MAX_LENGTH }))

export const skipEnabledCheck = optional(flag({ doc: '1: also while the protection is switched off.' }))

export const addresses = list(
  text({ doc: 'Addresses, CIDR ranges, or ranges of the form FIRST-LAST.', min: 1, max: 120 }),
  {
    max: ADDRESSES_MAX,
  },
)

export function listOf(name: string): ListName {
  return name === 'white' ? 'allow' : 'deny'
}

/** WHM: the record functions answer so while the protection is off (documented text). */
export async function refuseWhileOff(stores: Stores, skips: boolean | undefined): Promise<void> {
  if (skips !== true && !(await stores.protection.config()).isEnabled) throw new Failure('protection-disabled')
}

export type ReadAddresses = {
  /** What was sent, and the rules that it means. */
  readonly read: readonly { readonly sent: string; readonly rules: readonly IpRule[] }[]
  /** What cannot be read, with the reason. */
  readonly failed: Readonly<Record<string, string>>
}

export function readAddresses(sent: readonly string[]): ReadAddresses {
  const read: { readonly sent: string; readonly rules: readonly IpRule[] }[] = []
  const failed: Record<string, string> = {}
  for (const value of sent) {
    const rules = rulesOf(value.trim())
    if (rules === undefined) failed[value] = `Invalid IP address or range: "${value}"`
    else read.push({ sent: value, rules: distinctRules(rules) })
  }
  return { read, failed }
}

function rulesOf(value: string): readonly IpRule[] | undefined {
  const [first = '', last] = value.split(/-(.*)/s)
  if (last !== undefined) return rulesOfRange(first.trim(), last.trim())
  const parsed = parseIpRule(value)
  return parsed.ok ? [parsed.rule] : undefined
}

/** Where the caller is, and whether the list spares it, once the change is made. */
export async function requester(
  { caller }: Pick<Context, 'caller'>,
  stores: Stores,
): Promise<{ readonly requester_ip: string; readonly requester_ip_is_whitelisted: 0 | 1 }> {
  const address = caller.address === undefined ? undefined : parseAddress(caller.address)
  const entries = await stores.protection.entries('allow')
  const isListed = address !== undefined && compileIpRules(entries.flatMap(({ rule }) => rulesOf(rule) ?? []))(address)
  return { requester_ip: caller.address ?? '', requester_ip_is_whitelisted: isListed ? 1 : 0 }
}

/** Bans of addresses that the rules cover, as `Ban.network` has them. */
export async function bannedWithin(stores: Stores, rules: readonly IpRule[], now: Date): Promise<readonly string[]> {
  const covers = compileIpRules(rules)
  const bans = await stores.protection.bans(now.getTime())
  return bans
    .map(({ network }) => network)
    .filter((network) => {
      const address = parseAddress(network.replace(/\/64$/, ''))
      return address !== undefined && covers(address)
    })
}
