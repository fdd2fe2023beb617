/** Who may own an account, and who may choose that: root or a reseller may own, root alone chooses. */
import { Failure } from '../../failures.ts'
import type { Context } from '../context.ts'

/** For a new account that shall own itself, which has no id yet. */
export const ITSELF = 0

/** The id of the owner that root names. Throws `root-only` for anyone else, before it is looked whether the owner exists. */
export async function ownerToGive(context: Context, owner: string): Promise<number> {
  assertRoot(context)
  const user = await context.stores.accounts.findUser(owner)
  if (user === undefined || user.kind === 'account') throw new Failure('reseller-not-found', { user: owner })
  return user.id
}

/** The owner of a new account: the caller, unless root says otherwise. */
export async function ownerOfNew(
  context: Context,
  user: string,
  asked: { readonly owner: string | undefined; readonly ownerself: boolean | undefined },
): Promise<number> {
  const { owner, ownerself = false } = asked
  if (ownerself && owner !== undefined && owner !== user)
    throw new Failure('arguments-disagree', { problem: '“owner” and “ownerself” name different owners' })
  if (ownerself || owner === user) {
    assertRoot(context)
    return ITSELF
  }
  return owner === undefined || owner === context.caller.user ? context.caller.userId : ownerToGive(context, owner)
}

function assertRoot({ caller }: Context): void {
  if (caller.kind !== 'root') throw new Failure('root-only', { what: 'choose the owner of an account' })
}
