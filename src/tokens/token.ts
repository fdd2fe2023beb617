/** What a token is, who owns it, and where tokens are kept, in the words of this folder. */
import type { UserKind } from '../acl/caller.ts'

/** The owner as a token check needs it: as it is now, not as it was when the token was made. */
export type TokenOwner = {
  readonly userId: number
  readonly user: string
  readonly kind: UserKind
  /** What a reseller holds; empty for the others. */
  readonly privileges: readonly string[]
  readonly isSuspended: boolean
  readonly isRemoved: boolean
  /** The user who owns the owner's account, if it has one. */
  readonly ownedBy: number | undefined
}

/** A token is for one service and its scheme: `whm` for WHM's functions, `cpanel` for those of a hosting account. */
export type TokenService = 'whm' | 'cpanel'

/** A token's record. The secret is not part of it and cannot be got back. */
export type Token = {
  /** Public id; a new one each time a name is used again. */
  readonly id: string
  readonly userId: number
  readonly service: TokenService
  /** Unique among the owner's tokens for the service. */
  readonly name: string
  /** WHM's; empty for a token of an account. */
  readonly privileges: readonly string[]
  /** A token of an account that may only read. */
  readonly isReadonly: boolean
  /** Canonical texts; empty means any address. */
  readonly ipRules: readonly string[]
  readonly createdAt: Date
  readonly expiresAt: Date | undefined
  readonly pausedAt: Date | undefined
  readonly pauseReason: string
  readonly revokedAt: Date | undefined
  readonly revokeReason: string
  /** Of its newest secret: 1 is the first, each rotation adds one. */
  readonly secretNumber: number
  /** True from a rotation until the new secret is used. */
  readonly awaitsFirstUse: boolean
}

/** The secret that came with a call, as far as it has an end of its own; the newest one has none. */
export type PresentedSecret = {
  readonly number: number
  readonly endsAt: Date | undefined
  readonly endedAt: Date | undefined
}

export type TokenUsage = {
  /** Undefined for tokens whose first use was not noted. */
  readonly firstUsedAt: Date | undefined
  readonly lastUsedAt: Date
  readonly lastUsedAddress: string
  readonly lastFunction: string
  readonly calls: number
}

export type NewToken = Pick<
  Token,
  'id' | 'userId' | 'service' | 'name' | 'privileges' | 'isReadonly' | 'ipRules' | 'createdAt' | 'expiresAt'
> & {
  /** Of its secret, under the pepper of that version. */
  readonly digest: string
  readonly pepperVersion: number
}

export type TokenChange = Pick<Token, 'name' | 'privileges' | 'ipRules' | 'expiresAt'>

export type OwnedToken = { readonly token: Token; readonly owner: TokenOwner }

export type TokenFilter = {
  readonly userId?: number | undefined
  /** Tokens made, or given a new secret, at this moment or later. */
  readonly madeSince?: Date | undefined
  /** Lists revoked ones as well, if they were revoked at this moment or later. */
  readonly revokedSince?: Date | undefined
}

/** Where tokens are kept. Revoked ones stay, so that the trail can say why a late call was refused. */
export type TokenStore = {
  /** Not revoked ones only, oldest first. */
  listOf(userId: number, service: TokenService | 'every'): Promise<readonly Token[]>
  findByName(userId: number, service: TokenService, name: string): Promise<Token | undefined>
  /** Each with its owner as they are now; of both services; what the filter leaves out does not limit. */
  listOwned(filter: TokenFilter): Promise<readonly OwnedToken[]>
  /** Finds a secret that has ended as well. */
  findByDigest(
    digests: readonly string[],
  ): Promise<{ readonly token: Token; readonly secret: PresentedSecret } | undefined>
  findById(id: string): Promise<OwnedToken | undefined>
  listPausedBecause(reason: string): Promise<readonly Token[]>
  insert(token: NewToken): Promise<void>
  /** False when the token was revoked meanwhile. */
  change(id: string, change: TokenChange): Promise<boolean>
  revoke(id: string, at: Date, reason: string): Promise<boolean>
  /** Takes a revoke back; false when the token is not revoked. Throws when its name was given again. */
  unrevoke(id: string): Promise<boolean>
  /** Gives how many were ended. */
  revokeAllOf(userId: number, service: TokenService | 'every', at: Date, reason: string): Promise<number>
  pause(id: string, at: Date, reason: string): Promise<boolean>
  resume(id: string): Promise<boolean>
  usageOf(ids: readonly string[]): Promise<ReadonlyMap<string, TokenUsage>>
}
