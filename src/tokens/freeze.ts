/**
 * A freeze stops in one step, without changing any token: everybody, or one user with the accounts that are theirs. What it covers is
 * decided here. Tokens that a freeze names go on; root's own password and sessions do too, so that somebody can thaw; and the local
 * socket is never frozen. No I/O.
 */

export type Freeze = {
  /** `frz_…`, told in lists and the trail. */
  readonly id: string
  /** Undefined: everybody. */
  readonly userId: number | undefined
  /** The user's name when it was frozen; empty for everybody. */
  readonly user: string
  /** Public ids of the tokens that go on. */
  readonly except: readonly string[]
  readonly reason: string
  /** Who ordered it. */
  readonly by: string
  readonly at: Date
}

/** Where the freezes that are in force are kept; all of them are read with each token. */
export type FreezeStore = {
  /** Oldest first. */
  list(): Promise<readonly Freeze[]>
  add(freeze: Freeze): Promise<void>
  /** Gives those that were in force. */
  remove(ids: readonly string[]): Promise<readonly Freeze[]>
}

type Whose = {
  readonly userId: number
  /** The user who owns the account, if it is one. */
  readonly ownedBy: number | undefined
}

/** Says whether a freeze covers the token. */
export function isTokenFrozen(freezes: readonly Freeze[], tokenId: string, owner: Whose): boolean {
  return freezes.some((freeze) => covers(freeze, owner) && !freeze.except.includes(tokenId))
}

/** Says whether a freeze keeps this user, with password or session, out. */
export function isUserFrozen(freezes: readonly Freeze[], isRoot: boolean, user: Whose): boolean {
  return !isRoot && freezes.some((freeze) => covers(freeze, user))
}

function covers({ userId }: Freeze, whose: Whose): boolean {
  return userId === undefined || userId === whose.userId || userId === whose.ownedBy
}
