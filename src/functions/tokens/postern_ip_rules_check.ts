import { parseAddress } from '../../ip-rules/address.ts'
import { compileIpRules, coversEveryAddress, rulesWithin } from '../../ip-rules/match.ts'
import { parseListedRule } from '../../ip-rules/rule.ts'
import { list, optional, text } from '../../whm/params.ts'
import { defineRead } from '../define.ts'

const MAX_LINES = 1000

/** The rules' own reader, line by line, so that a form says what is wrong before anything is saved. It keeps nothing. */
export const posternIpRulesCheck = defineRead({
  name: 'postern_ip_rules_check',
  group: 'API tokens',
  summary:
    'Read address rules, one a line, and tell what is wrong with which, and whether they let given addresses in.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: {
    rules: text({
      doc: 'Addresses or CIDR ranges, one a line, `!` before an exception; blank lines count as lines and are no rules.',
      max: 60_000,
    }),
    address: optional(list(text({ doc: 'Addresses to hold against the rules.', min: 1, max: 50 }), { max: 20 })),
  },
  failures: [],
  v0: 'none',
  run(_context, { rules: given, address = [] }) {
    const lines = given.split('\n', MAX_LINES).map((line) => line.trim())
    const read = lines.flatMap((line, at) => (line === '' ? [] : [{ line, at, parsed: parseListedRule(line) }]))
    const rules = read.flatMap(({ parsed }) => (parsed.ok ? [parsed.rule] : []))
    const lets = compileIpRules(rules)
    return {
      data: {
        lines: read.map(({ line, at, parsed }) => ({
          line: at + 1,
          given: line,
          rule: parsed.ok ? parsed.rule.text : null,
          problem: parsed.ok ? null : parsed.problem,
          is_widened: parsed.ok && parsed.hadHostBits ? 1 : 0,
        })),
        covers: coversEveryAddress(rules) ?? (rules.length > 0 && rulesWithin(rules, []) ? 'none' : 'some'),
        allows: address.map((text) => {
          const parsed = parseAddress(text)
          return { address: text, allowed: parsed !== undefined && (rules.length === 0 || lets(parsed)) ? 1 : 0 }
        }),
      },
    }
  },
})
