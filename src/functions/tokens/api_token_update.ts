import { Failure } from '../../failures.ts'
import {
  assertMayWiden,
  assertNameAllowed,
  expiryToGive,
  ipRulesToGive,
  privilegesToGive,
  widens,
} from '../../tokens/grant.ts'
import { NO_NOTE } from '../../tokens/note.ts'
import type { Token, TokenChange } from '../../tokens/token.ts'
import { optional, type Values } from '../../whm/params.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { assertPasswordFresh } from '../sessions/fresh-password.ts'
import {
  alertOfEverything,
  ipRuleWarnings,
  rulesAskedFor,
  tokenExpiry,
  tokenFacts,
  tokenIpRules,
  tokenName,
  tokenNote,
  tokenPrivileges,
  tokenTicket,
} from './forms.ts'

const params = {
  token_name: tokenName('The token to change, one of your own.'),
  new_name: optional(tokenName('Its new name. Absent: it keeps its name.')),
  acl: optional(tokenPrivileges('The whole new set of privileges. Absent: it keeps its own.')),
  expires_at: optional(tokenExpiry('When it ends. Empty or 0: never. Absent: as before.')),
  whitelist_ip: optional(tokenIpRules('The whole new list of addresses; `any` or empty clears it. Absent: as before.')),
  note: optional(tokenNote),
  ticket: optional(tokenTicket),
}

/** Changes everything but the secret. What is left out stays (our choice; the setting `token_update_omission` can say otherwise). */
export const apiTokenUpdate = defineWrite({
  name: 'api_token_update',
  group: 'API tokens',
  summary: "Change a token's name, privileges, expiry or address rules; the secret stays.",
  source: 'WHM API 1, "Update WHM API token\'s settings"',
  acl: 'manage-api-tokens',
  params,
  failures: [
    'token-not-found',
    'token-name-taken',
    'token-name-reserved',
    'privilege-unknown',
    'privilege-not-held',
    'privilege-root-only',
    'beyond-own-limits',
    'password-needed',
  ],
  v0: 'none',
  audit: (values) => values.token_name,
  async run(context, values) {
    const { caller, now, stores, note } = context
    const token = await stores.tokens.findByName(caller.userId, 'whm', values.token_name)
    if (token === undefined) throw new Failure('token-not-found', { names: values.token_name })
    const change = changeAskedFor(context, token, values)
    assertMayWiden(caller, token, change)
    // A wider token is as good as a new one.
    if (widens(token, change)) assertPasswordFresh(caller, now)
    if (change.name !== token.name) await assertNameFree(context, change.name)
    const changed = await stores.tokens.change(token.id, change)
    if (!changed) throw new Failure('token-not-found', { names: values.token_name })
    await changeNote(context, token.id, values)
    note('token', token.id)
    noteDifference(note, token, change)
    if (!token.privileges.includes('all')) await alertOfEverything(context, { ...token, ...change }, 'widened')
    if (values.acl === undefined && resets(context)) note('made_with', 'made with everything')
    return { data: tokenFacts({ ...token, ...change }), warnings: ipRuleWarnings(change.ipRules, values.whitelist_ip) }
  },
})

async function changeNote({ stores, note }: WriteContext, id: string, values: Values<typeof params>): Promise<void> {
  const before = (await stores.tokenNotes.notesOf([id])).get(id) ?? NO_NOTE
  const after = { note: values.note ?? before.note, ticket: values.ticket ?? before.ticket }
  if (after.note === before.note && after.ticket === before.ticket) return
  await stores.tokenNotes.set(id, after)
  note('note_changed', 'the note or ticket')
}

/** WHM's page says that what is left out is reset; under this setting that is done, limited as on creation. */
function resets({ services }: WriteContext): boolean {
  return services.facts.tokenUpdateOmission === 'reset'
}

function changeAskedFor(context: WriteContext, token: Token, values: Values<typeof params>): TokenChange {
  const { caller, now } = context
  const keeps = !resets(context)
  const gives = <T>(asked: unknown, before: T, make: () => T): T => (asked === undefined && keeps ? before : make())
  return {
    name: values.new_name ?? token.name,
    privileges: gives(values.acl, token.privileges, () => privilegesToGive(caller, values.acl)),
    ipRules: gives(values.whitelist_ip, token.ipRules, () => ipRulesToGive(caller, rulesAskedFor(values.whitelist_ip))),
    expiresAt: gives(values.expires_at, token.expiresAt, () => expiryToGive(caller, values.expires_at, now)),
  }
}

async function assertNameFree({ caller, stores }: WriteContext, name: string): Promise<void> {
  assertNameAllowed(caller, 'new_name', name)
  if ((await stores.tokens.findByName(caller.userId, 'whm', name)) !== undefined)
    throw new Failure('token-name-taken', { name })
}

function noteDifference(note: WriteContext['note'], before: Token, after: TokenChange): void {
  const added = (from: readonly string[], to: readonly string[]) => to.filter((item) => !from.includes(item))
  const parts: Readonly<Record<string, readonly string[]>> = {
    privileges_added: added(before.privileges, after.privileges),
    privileges_removed: added(after.privileges, before.privileges),
    ip_rules_added: added(before.ipRules, after.ipRules),
    ip_rules_removed: added(after.ipRules, before.ipRules),
  }
  for (const [key, value] of Object.entries(parts)) if (value.length > 0) note(key, value)
  if (after.name !== before.name) note('new_name', after.name)
  if (after.expiresAt?.getTime() !== before.expiresAt?.getTime())
    note('expires_at', after.expiresAt?.toISOString() ?? 'never')
}
