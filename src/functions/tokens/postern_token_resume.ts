import { Failure } from '../../failures.ts'
import { flag, optional } from '../../whm/params.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { BY_ROOT, findTokenInReach, mayActOnEveryToken, outcomeFor, PAUSED_BY_RESTORE, tokenIds } from './by-id.ts'

const NAMED_IN_TRAIL = 200

/** For people only: a token that could resume others would give what it does not have itself. */
export const posternTokenResume = defineWrite({
  name: 'postern_token_resume',
  group: 'API tokens',
  summary: 'Let paused API tokens be used again. Root may name tokens of every user; a token may not do this.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: {
    token_id: optional(tokenIds('The public ids of the tokens to resume.')),
    restored: optional(
      flag({ doc: '1, root only: resume every token that was paused because a backup was restored.' }),
    ),
  },
  failures: ['token-not-found', 'beyond-own-limits', 'root-only', 'arguments-disagree'],
  v0: 'none',
  audit: (values) => values.token_id?.join(' ') ?? PAUSED_BY_RESTORE,
  async run(context, { token_id, restored }) {
    const { caller } = context
    if (caller.credential.kind === 'token') {
      throw new Failure('beyond-own-limits', { problem: 'it cannot resume tokens; sign in to do that' })
    }
    if (restored !== true) {
      if (token_id === undefined) throw new Failure('argument-missing', { argument: 'token_id' })
      return resumeNamed(context, token_id)
    }
    if (token_id !== undefined) {
      throw new Failure('arguments-disagree', { problem: 'give either “token_id” or “restored”, not both' })
    }
    if (!mayActOnEveryToken(caller)) throw new Failure('root-only', { what: 'resume all restored tokens at once' })
    return resumeRestored(context)
  },
})

async function resumeNamed({ caller, stores, note }: WriteContext, ids: readonly string[]) {
  const resumed: string[] = []
  const missing: string[] = []
  for (const id of ids) {
    const token = await findTokenInReach(stores, caller, id)
    if (token?.pauseReason.startsWith(BY_ROOT) && !mayActOnEveryToken(caller)) {
      throw new Failure('root-only', { what: 'resume a token that root paused' })
    }
    if (token?.pausedAt !== undefined) await stores.tokens.resume(id)
    ;(token === undefined ? missing : resumed).push(id)
  }
  note('tokens', resumed)
  if (missing.length > 0) note('not_found', missing)
  return outcomeFor(resumed, missing)
}

async function resumeRestored({ stores, note }: WriteContext) {
  const tokens = await stores.tokens.listPausedBecause(PAUSED_BY_RESTORE)
  for (const token of tokens) await stores.tokens.resume(token.id)
  note('resumed', tokens.length)
  note(
    'tokens',
    tokens.slice(0, NAMED_IN_TRAIL).map((token) => token.id),
  )
  return { data: {}, reason: tokens.length === 1 ? '1 token resumed.' : `${tokens.length} tokens resumed.` }
}
