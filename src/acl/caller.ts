/**
 * Who calls, as the rest of Postern sees it. Only `server/callers.ts` makes one, from the credential alone; nothing a caller
 * sends as an argument can change it. Its privileges are the effective ones at the moment of the call.
 */

export type UserKind = 'root' | 'reseller' | 'account'

/** How the caller proved who they are, with the limits that hang on it. */
export type Credential =
  | {
      readonly kind: 'token'
      /** The public id, which cannot log in. */
      readonly tokenId: string
      readonly tokenName: string
      /** Which of the token's secrets came with the call. */
      readonly secretNumber: number
      /** Canonical rules as `ip-rules` prints them; empty means any address. */
      readonly ipRules: readonly string[]
      readonly expiresAt: Date | undefined
      /** May call only what reads. */
      readonly isReadonly: boolean
    }
  | { readonly kind: 'password' }
  | {
      readonly kind: 'session'
      /** Digest of the cookie. */
      readonly sessionId: string
      /** When the password was last proved in it. */
      readonly confirmedAt: Date
    }
  /** The root-only socket in the data folder. */
  | { readonly kind: 'local' }

export type Caller = {
  readonly userId: number
  readonly user: string
  readonly kind: UserKind
  /** Effective now: what the credential allows, cut to what its owner holds. `all` stands for every privilege. */
  readonly privileges: ReadonlySet<string>
  readonly credential: Credential
  /** Canonical (IPv4 for a v4-mapped one); undefined on the local socket. */
  readonly address: string | undefined
}

/** Says whether the caller may use what `acl` opens. */
export function holds(caller: Caller, acl: string): boolean {
  return caller.privileges.has(acl) || caller.privileges.has('all')
}

/** Root with nothing taken away: the only caller who may do what no single privilege opens. */
export function holdsEverything(caller: Caller): boolean {
  return caller.privileges.has('all')
}
