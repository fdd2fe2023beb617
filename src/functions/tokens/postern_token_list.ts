import { type Caller, holdsEverything } from '../../acl/caller.ts'
import type { OwnedToken } from '../../tokens/token.ts'
import { flag, optional, text } from '../../whm/params.ts'
import type { Stores } from '../context.ts'
import { defineRead } from '../define.ts'
import { listedToken } from './forms.ts'

/** As a list, which output controls can sort and page; `api_token_list` answers a map as WHM does. */
export const posternTokenList = defineRead({
  name: 'postern_token_list',
  group: 'API tokens',
  summary: "List API tokens with their owners: every user's for root, your own otherwise; expired ones included.",
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: {
    owner: optional(text({ doc: 'Tokens of this user. Absent: all that you may see.', min: 1, max: 100 })),
    short: optional(
      flag({ doc: '1: without the map `acls`, which says what `privileges` says and makes most of a long reply.' }),
    ),
  },
  failures: [],
  v0: 'none',
  async run({ caller, now, stores, services }, { owner, short }) {
    const owned = await tokensInSight(stores, caller, owner)
    const notes = await stores.tokenNotes.notesOf(owned.map(({ token }) => token.id))
    const usage = await stores.tokens.usageOf(owned.map(({ token }) => token.id))
    const soon = services.facts.expiresSoonSeconds
    const tokens = owned.map(({ token, owner: { user } }) => ({
      ...listedToken(token, usage.get(token.id), now, soon, short !== true),
      owner: user,
      privileges: token.privileges,
      pause_reason: token.pauseReason,
      note: notes.get(token.id)?.note ?? '',
      ticket: notes.get(token.id)?.ticket ?? '',
      postern_service: token.service,
      postern_readonly: token.isReadonly ? 1 : 0,
    }))
    return { data: { tokens } }
  },
})

async function tokensInSight(
  stores: Stores,
  caller: Caller,
  owner: string | undefined,
): Promise<readonly OwnedToken[]> {
  const seesAll = holdsEverything(caller)
  if (owner === undefined && seesAll) return stores.tokens.listOwned({})
  if (!seesAll && owner !== undefined && owner !== caller.user) return []
  const user = owner === undefined ? caller.user : owner
  const userId = user === caller.user ? caller.userId : (await stores.accounts.findUser(user))?.id
  if (userId === undefined) return []
  return stores.tokens.listOwned({ userId })
}
