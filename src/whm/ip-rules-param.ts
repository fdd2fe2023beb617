/** The argument that holds address rules, in all spellings of a list. */
import { z } from 'zod'
import { Failure } from '../failures.ts'
import { distinctRules, rulesWithin } from '../ip-rules/match.ts'
import { type IpRule, parseListedRule } from '../ip-rules/rule.ts'
import { findMany } from './given.ts'
import { manyOf, type Param, refuseSurplus } from './params.ts'

/** `hostBits` holds the entries that were wider than the address typed, as they were typed: warn about them. */
export type IpRules =
  | { readonly any: true }
  | { readonly any: false; readonly rules: readonly IpRule[]; readonly hostBits: readonly string[] }

const MAX_IP_RULES = 100 // WHM's interface page; the API page names no limit, we apply it to both

/**
 * Address rules in all list spellings, always guarded; `!10.5.3.7` is an exception. `any` alone (WHM api_token_update), or empty, means
 * any address.
 */
export function ipRules({ doc }: { readonly doc: string }): Param<IpRules> {
  return {
    ...manyOf(true),
    kind: 'IP rules',
    doc,
    secret: false,
    schema: z.array(z.string()).max(MAX_IP_RULES).describe(doc),
    read(args, name) {
      const sent = findMany(args, name, true)
      if (sent.length === 0) throw new Failure('argument-missing', { argument: name })
      const first = sent[0]
      if ((first === 'any' || first === '') && sent.every((value) => value === first)) return { any: true }
      return readIpRules(sent, name)
    },
  }
}

function readIpRules(sent: readonly string[], argument: string): IpRules {
  const rules: IpRule[] = []
  const hostBits: string[] = []
  // A network can be spelled in several ways, but nobody means a hundred by ten times as many; reading them all would take long.
  const spellings = new Set(sent)
  if (spellings.size > 10 * MAX_IP_RULES) refuseSurplus(spellings.size, MAX_IP_RULES, argument)
  for (const value of spellings) {
    const parsed = parseListedRule(value)
    if (value === 'any' || !parsed.ok) {
      const problem = value === 'any' || parsed.ok ? 'cannot stand beside other entries' : parsed.problem
      const entry = sent.indexOf(value) + 1
      throw new Failure('argument-invalid', { argument, value, problem: `${problem} (entry ${entry})` })
    }
    rules.push(parsed.rule)
    if (parsed.hadHostBits) hostBits.push(value)
  }
  const distinct = distinctRules(rules)
  refuseSurplus(distinct.length, MAX_IP_RULES, argument)
  if (rulesWithin(distinct, []))
    throw new Failure('argument-invalid', {
      argument,
      value: 'the list',
      problem: 'lets no address in: all is excepted',
    })
  return { any: false, rules: distinct, hostBits }
}
