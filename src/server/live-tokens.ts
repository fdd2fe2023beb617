/**
 * Tokens as calls need them: the record, its owner as they are now, address rules and privileges compiled. What the look-up found may
 * be kept, never a decision: state, expiry, address and user are checked on each call.
 *
 * On SQLite this process is the only writer and `generation` grows with each commit, so whatever was kept is dropped before the
 * change is answered: staleness 0. On PostgreSQL the digest is looked up on each call, and only what was compiled from a row is kept.
 */
import type { Caller } from '../acl/caller.ts'
import { effectivePrivileges } from '../acl/privileges.ts'
import type { Address } from '../ip-rules/address.ts'
import { compileIpRules } from '../ip-rules/match.ts'
import type { Storage } from '../storage/database.ts'
import { freezesOf } from '../storage/freeze-store.ts'
import type { TokenRow } from '../storage/tables/tokens.ts'
import { ownerOf, presentedOf, tokenOf } from '../storage/token-store.ts'
import { type Freeze, isTokenFrozen } from '../tokens/freeze.ts'
import { rulesOf } from '../tokens/grant.ts'
import type { PresentedSecret, Token, TokenOwner } from '../tokens/token.ts'
import type { TokenUse, UsageLedger } from '../usage/ledger.ts'

export type LiveToken = Token & {
  readonly owner: TokenOwner
  readonly secret: PresentedSecret
  readonly isFrozen: boolean
  /** True while nobody has used the secret that the last rotation made, and it is the one that was presented. */
  readonly isFirstUse: boolean
  readonly effective: ReadonlySet<string>
  /** Undefined: any address. */
  readonly allowsAddress: ((address: Address) => boolean) | undefined
  readonly use: TokenUse
  /** From this moment on replies to it say when it expires. */
  readonly expiryShownFromMs: number
  /** What was last made of it for a call; the checks are made again on each one all the same. */
  authenticated: Authenticated | undefined
}

export type Authenticated = {
  readonly kind: 'caller'
  readonly caller: Caller
  /** The record behind a token call. */
  readonly token: LiveToken | undefined
}

const KEPT_MAX = 10_000
/** The last thirty days. */
const SHOWN_MS = 30 * 86_400_000

/** What a look-up found, as one committed state. */
export type FoundToken = {
  readonly token: Token
  readonly owner: TokenOwner
  readonly secret: PresentedSecret
  readonly freezes: readonly Freeze[]
}

/** The record with everything compiled from it. */
export function makeLive({ token, owner, secret, freezes }: FoundToken, ledger: UsageLedger): LiveToken {
  return {
    ...token,
    owner,
    secret,
    isFrozen: isTokenFrozen(freezes, token.id, owner),
    isFirstUse: token.awaitsFirstUse && secret.number === token.secretNumber,
    effective: effectivePrivileges(token.privileges, owner),
    allowsAddress: token.ipRules.length === 0 ? undefined : compileIpRules(rulesOf(token.ipRules)),
    // Secrets are told apart once there is more than one.
    use: ledger.newUse(token.id, token.secretNumber === 1 ? undefined : secret.number),
    expiryShownFromMs: token.expiresAt === undefined ? Number.POSITIVE_INFINITY : token.expiresAt.getTime() - SHOWN_MS,
    authenticated: undefined,
  }
}

export class LiveTokens {
  readonly #storage: Storage
  readonly #ledger: UsageLedger
  readonly #onDatabaseTime: (nowMs: number) => void
  #kept = new Map<string, { readonly live: LiveToken; readonly row: TokenRow | undefined }>()
  #keptGeneration = -1

  /** `onDatabaseTime` is told the database's clock with each look-up on PostgreSQL. */
  constructor(storage: Storage, ledger: UsageLedger, onDatabaseTime: (nowMs: number) => void) {
    this.#storage = storage
    this.#ledger = ledger
    this.#onDatabaseTime = onDatabaseTime
  }

  /** How many are kept. */
  get size(): number {
    return this.#kept.size
  }

  /** At once where it can be, so that the common call makes no promise. */
  find(digest: string): LiveToken | undefined | Promise<LiveToken | undefined> {
    return this.#storage.kind === 'sqlite' ? this.#findLocal(digest) : this.#findShared(digest)
  }

  #findLocal(digest: string): LiveToken | undefined {
    if (this.#keptGeneration !== this.#storage.generation) {
      this.#kept.clear()
      this.#keptGeneration = this.#storage.generation
    }
    const kept = this.#kept.get(digest)
    if (kept !== undefined) return kept.live
    // Synchronous on SQLite, so no commit can come between the look-up and keeping what it found.
    const row = this.#storage.tokenByDigest(digest) as TokenRow | undefined
    return row && this.#keep(digest, this.#liveOf(row), undefined)
  }

  async #findShared(digest: string): Promise<LiveToken | undefined> {
    const row = await this.#storage.tokenByDigest(digest)
    if (row === undefined) return undefined
    this.#onDatabaseTime(row.now_ms)
    const kept = this.#kept.get(digest)
    if (kept?.row !== undefined && isSameRow(kept.row, row)) return kept.live
    return this.#keep(digest, this.#liveOf(row), row)
  }

  #liveOf(row: TokenRow): LiveToken {
    const found = {
      token: tokenOf(row),
      owner: ownerOf(row),
      secret: presentedOf(row),
      freezes: freezesOf(row.freezes),
    }
    return makeLive(found, this.#ledger)
  }

  #keep(digest: string, live: LiveToken, row: TokenRow | undefined): LiveToken {
    if (this.#kept.size >= KEPT_MAX) {
      const oldest = this.#kept.keys().next().value
      if (oldest !== undefined) this.#kept.delete(oldest)
    }
    this.#kept.set(digest, { live, row })
    return live
  }
}

function isSameRow(a: TokenRow, b: TokenRow): boolean {
  // Each column but the clock; the object has the same keys in the same order whenever it was made.
  for (const key of Object.keys(a) as (keyof TokenRow)[]) if (key !== 'now_ms' && a[key] !== b[key]) return false
  return true
}
