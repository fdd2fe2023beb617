/** Whose tokens a caller may look at, and what the ledger says of them: root, also with a token, at everybody's; others at their own. */
import type { Caller } from '../../acl/caller.ts'
import type { OwnedToken } from '../../tokens/token.ts'
import type { Stores } from '../context.ts'
import type { WatchedToken } from './views.ts'

/** Undefined `owner`: all in sight. A user who is not in sight, or does not exist, has none. */
export async function tokensInSight(
  stores: Stores,
  caller: Pick<Caller, 'userId' | 'user' | 'privileges'>,
  owner: string | undefined,
  revokedSince: Date | undefined,
): Promise<readonly OwnedToken[]> {
  const seesAll = caller.privileges.has('all')
  if (owner === undefined && seesAll) return stores.tokens.listOwned({ revokedSince })
  if (!seesAll && owner !== undefined && owner !== caller.user) return []
  const user = owner === undefined ? caller.user : owner
  const userId = user === caller.user ? caller.userId : (await stores.accounts.findUser(user))?.id
  return userId === undefined ? [] : stores.tokens.listOwned({ userId, revokedSince })
}

/** The token of that id, ended or not, if the caller may look at it. */
export async function findInSight(stores: Stores, caller: Caller, id: string): Promise<OwnedToken | undefined> {
  const found = await stores.tokens.findById(id)
  return found !== undefined && (found.owner.userId === caller.userId || caller.privileges.has('all'))
    ? found
    : undefined
}

/** Each with its figures. */
export async function watched(stores: Stores, owned: readonly OwnedToken[]): Promise<readonly WatchedToken[]> {
  const ids = owned.map(({ token }) => token.id)
  const [usage, refusals] = [await stores.tokens.usageOf(ids), await stores.ledger.refusalsOf(ids)]
  return owned.map((one) => ({ ...one, usage: usage.get(one.token.id), refusals: refusals.get(one.token.id) }))
}
