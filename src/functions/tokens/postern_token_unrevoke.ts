import { Failure } from '../../failures.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { BY_ROOT, findOwnedInReach, mayActOnEveryToken, tokenIds } from './by-id.ts'
import { whyFinal } from './revoking.ts'

/** For people only, as resuming is: a token that could do this would give what it does not have itself. */
export const posternTokenUnrevoke = defineWrite({
  name: 'postern_token_unrevoke',
  group: 'API tokens',
  summary:
    'Take the revoke of API tokens back, within 60 minutes and unless their secret leaked. A token may not do this.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: { token_id: tokenIds('The public ids of the tokens that should work again.') },
  failures: ['token-not-found', 'revoke-final', 'token-name-taken', 'beyond-own-limits', 'root-only'],
  v0: 'none',
  audit: (values) => values.token_id.join(' '),
  async run(context, { token_id }) {
    const { caller, note } = context
    if (caller.credential.kind === 'token')
      throw new Failure('beyond-own-limits', { problem: 'it cannot bring tokens back; sign in to do that' })
    const restored: string[] = []
    const problems: Failure[] = []
    for (const id of token_id) {
      const problem = await bringBack(context, id)
      if (problem === undefined) restored.push(id)
      else problems.push(problem)
    }
    const [first] = problems
    // When nothing was brought back there is no change to keep.
    if (first !== undefined && restored.length === 0) throw first
    note('tokens', restored)
    if (first === undefined) return { data: {} }
    note(
      'not_restored',
      problems.map(({ message }) => message),
    )
    return { data: null, isFailure: true, reason: problems.map(({ message }) => message).join(' ') }
  },
})

async function bringBack({ caller, now, stores }: WriteContext, id: string): Promise<Failure | undefined> {
  const found = await findOwnedInReach(stores, caller, id)
  if (found === undefined) return new Failure('token-not-found', { names: id })
  const { token } = found
  const why = whyFinal(token, now)
  if (why !== undefined) return new Failure('revoke-final', { name: token.name, why })
  if (token.revokeReason.startsWith(BY_ROOT) && !mayActOnEveryToken(caller))
    return new Failure('root-only', { what: 'bring back a token that root revoked' })
  // A name is unique among the tokens that are not revoked.
  if ((await stores.tokens.findByName(token.userId, token.service, token.name)) !== undefined)
    return new Failure('token-name-taken', { name: token.name })
  await stores.tokens.unrevoke(id)
  return undefined
}
