/** Whose sessions a caller may see and end: their own, and for root with every privilege everybody's. */
import type { Session } from '../../accounts/sessions.ts'
import { holdsEverything } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import type { Context } from '../context.ts'

/** What a session is called by outside: too little of its digest to be one, enough to tell it from the others. */
export function publicIdOf(session: Session): string {
  return session.digest.slice(0, 16)
}

/** The id of the user named, oneself when none is. Throws `account-not-found`, for others' users as well. */
export async function userIdInReach({ caller, stores }: Context, user: string | undefined): Promise<number> {
  if (user === undefined || user === caller.user) return caller.userId
  const found = holdsEverything(caller) ? await stores.accounts.findUser(user) : undefined
  if (found === undefined) throw new Failure('account-not-found', { user })
  return found.id
}

/** The digest of the session that the call came in. */
export function ownSessionOf({ caller }: Context): string | undefined {
  return caller.credential.kind === 'session' ? caller.credential.sessionId : undefined
}
