/**
 * What the protection notices and somebody should hear of: a real old token that comes back, a ban, a user whose password is being
 * guessed. Whoever makes alerts of it listens here. Nothing here decides a call, and no event holds a secret.
 */

/** `claimedUser` is what a refused caller called itself, so anything at all. */
export type ProtectionEvent =
  | {
      readonly kind: 'old-token'
      readonly at: Date
      readonly address: string | undefined
      readonly claimedUser: string
      /** The token, where the secret is one of ours that ended or belongs to another user. */
      readonly tokenId: string | undefined
      readonly tokenName: string | undefined
      /** Why it was refused, as in the trail: `unknown-token`, `other-user`, `revoked` … */
      readonly refusal: string
    }
  | {
      readonly kind: 'address-banned'
      readonly at: Date
      /** An IPv4 address, or the /64 network of an IPv6 one. */
      readonly address: string
      readonly claimedUser: string
      readonly failures: number
      readonly until: Date
      /** 1 for a first ban, 2 for the next one … */
      readonly repetition: number
    }
  | {
      /** So many passwords or codes were wrong in a row that only addresses where the user has signed in before are listened to. */
      readonly kind: 'user-locked'
      readonly at: Date
      readonly address: string | undefined
      readonly user: string
      readonly failures: number
    }
  | {
      readonly kind: 'root-signed-in'
      readonly at: Date
      readonly address: string
      /** Root has signed in from there before. */
      readonly isKnownAddress: boolean
    }

export type ProtectionListener = (event: ProtectionEvent) => void

export class ProtectionEvents {
  readonly #listeners: ProtectionListener[] = []

  /** Listeners are called at once, on the path of a refused call: they must be quick and must not throw. */
  onEvent(listener: ProtectionListener): void {
    this.#listeners.push(listener)
  }

  emit(event: ProtectionEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
