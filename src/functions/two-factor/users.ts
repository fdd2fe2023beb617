import { loadAccount } from '../accounts-in-reach.ts'
import type { Context } from '../context.ts'

export type SecondFactorUser = {
  readonly name: string
  readonly userId: number
  /** Empty for root, which has no account. */
  readonly domain: string
}

/** A user in the caller's reach, or the caller. Throws `account-not-found`. */
export async function loadUser({ caller, stores }: Context, name: string): Promise<SecondFactorUser> {
  if (name === caller.user) {
    const domain = (await stores.accounts.findAccount(name))?.domain ?? ''
    return { name, userId: caller.userId, domain }
  }
  const { user, userId, domain } = await loadAccount(stores, caller, name)
  return { name: user, userId, domain }
}
