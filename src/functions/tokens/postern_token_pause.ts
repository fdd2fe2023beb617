import { Failure } from '../../failures.ts'
import { optional, text } from '../../whm/params.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { BY_ROOT, findTokenInReach, outcomeFor, PAUSED_BY_RESTORE, tokenIds } from './by-id.ts'

/** A paused token is refused like any other until it is resumed. Pausing one that is paused already is no failure. */
export const posternTokenPause = defineWrite({
  name: 'postern_token_pause',
  group: 'API tokens',
  summary: 'Stop API tokens at once without ending them. Root may name tokens of every user.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: {
    token_id: tokenIds('The public ids of the tokens to pause.'),
    reason: optional(text({ doc: 'Why, for whoever decides about resuming. Absent: “paused”.', min: 1, max: 200 })),
  },
  failures: ['token-not-found'],
  v0: 'none',
  urgent: true,
  audit: (values) => values.token_id.join(' '),
  async run(context, values) {
    const reason = values.reason ?? 'paused'
    if (reason === PAUSED_BY_RESTORE) {
      throw new Failure('argument-invalid', {
        argument: 'reason',
        value: reason,
        problem: 'is kept for restored backups',
      })
    }
    const paused: string[] = []
    const missing: string[] = []
    for (const id of values.token_id) ((await pause(context, id, reason)) ? paused : missing).push(id)
    context.note('tokens', paused)
    context.note('pause_reason', reason)
    if (missing.length > 0) context.note('not_found', missing)
    return outcomeFor(paused, missing)
  },
})

async function pause({ caller, now, stores }: WriteContext, id: string, reason: string): Promise<boolean> {
  const token = await findTokenInReach(stores, caller, id)
  if (token === undefined) return false
  if (token.pausedAt !== undefined) {
    if (token.pauseReason !== PAUSED_BY_RESTORE) return true
    // The decision about a restored token is made with this: it must not come back with the others.
    await stores.tokens.resume(id)
  }
  return stores.tokens.pause(id, now, token.userId === caller.userId ? reason : BY_ROOT + reason)
}
