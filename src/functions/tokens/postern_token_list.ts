import type { Caller } from '../../acl/caller.ts'
import type { Token } from '../../tokens/token.ts'
import { flag, optional, text } from '../../whm/params.ts'
import { defineRead } from '../define.ts'
import { listedToken, seconds } from './forms.ts'
import { tokensInSight, watched } from './in-sight.ts'
import { undoableUntil } from './revoking.ts'
import { revokedListedSince, showsRevoked, VIEW_NAMES, VIEWS, type ViewName } from './views.ts'

const tokenView = () =>
  text({
    doc: `Only tokens of this kind: ${VIEW_NAMES.map((name) => `\`${name}\` (${VIEWS[name].doc})`).join(', ')}.`,
    only: new RegExp(`^(${VIEW_NAMES.join('|')})$`),
    onlyProblem: 'is no view of tokens',
  })

/** As a list, which output controls can sort and page; `api_token_list` answers a map as WHM does. */
export const posternTokenList = defineRead({
  name: 'postern_token_list',
  group: 'API tokens',
  summary: "List API tokens with their owners: every user's for root, your own otherwise; expired ones included.",
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: {
    owner: optional(text({ doc: 'Tokens of this user. Absent: all that you may see.', min: 1, max: 100 })),
    view: optional(tokenView()),
    short: optional(
      flag({ doc: '1: without the map `acls`, which says what `privileges` says and makes most of a long reply.' }),
    ),
    revoked: optional(flag({ doc: '1: lists tokens as well that were revoked within 30 days.' })),
  },
  failures: [],
  v0: 'none',
  async run({ caller, now, stores, services }, { owner, view: asked, revoked, short }) {
    const { expiresSoonSeconds } = services.facts
    const view = asked as ViewName | undefined // by `only`
    const wantsRevoked = revoked === true || (view !== undefined && showsRevoked(view))
    const owned = await tokensInSight(stores, caller, owner, wantsRevoked ? revokedListedSince(now) : undefined)
    const time = { now, expiresSoonSeconds }
    const shown = (await watched(stores, owned)).filter((one) => view === undefined || VIEWS[view].shows(one, time))
    const notes = await stores.tokenNotes.notesOf(shown.map(({ token }) => token.id))
    const tokens = shown.map((one) => ({
      ...listedToken(one.token, one, now, expiresSoonSeconds, short !== true),
      ...endFacts(one.token, caller, now),
      owner: one.owner.user,
      owner_suspended: one.owner.isSuspended ? 1 : 0,
      privileges: one.token.privileges,
      pause_reason: one.token.pauseReason,
      note: notes.get(one.token.id)?.note ?? '',
      ticket: notes.get(one.token.id)?.ticket ?? '',
      postern_service: one.token.service,
      postern_readonly: one.token.isReadonly ? 1 : 0,
    }))
    return { data: { tokens } }
  },
})

/** When it was revoked, and until when the caller can take that back. */
function endFacts(token: Token, caller: Caller, now: Date) {
  const undoUntil = undoableUntil(token, caller, now)
  return {
    postern_revoked: token.revokedAt === undefined ? null : seconds(token.revokedAt),
    postern_undo_until: undoUntil === undefined ? null : seconds(undoUntil),
  }
}
