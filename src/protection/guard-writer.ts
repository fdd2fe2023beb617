/**
 * What the guard has decided and not yet written. It is written together, so that a flood of bad attempts costs a commit four times a
 * second and not one each. A killed process loses at most the last batch; while nothing can be written it waits.
 */
import type { Ban } from './bans.ts'
import type { KeptAttempt, NewlyKnown, ProtectionBatch, ProtectionStore, UserChange } from './store.ts'

const FLUSH_MS = 250
const RETRY_MS = 1000
// While nothing can be written; the trail counts what goes beyond.
const ATTEMPTS_WAITING_MAX = 20_000

type Waiting = {
  readonly attempts: KeptAttempt[]
  readonly bans: Map<string, Ban>
  readonly users: UserChange[]
  readonly known: NewlyKnown[]
}

export class GuardWriter {
  readonly #store: Pick<ProtectionStore, 'append'>
  readonly #node: string
  readonly #onTrouble: (error: unknown) => void
  #waiting: Waiting = nothing()
  #timer: NodeJS.Timeout | undefined
  #alone: Promise<void> = Promise.resolve()
  #isTroubled = false
  #closed = false

  /** `node` tells this process from others on the same database. `onTrouble` hears of the first failure of a row of them. */
  constructor(store: Pick<ProtectionStore, 'append'>, node: string, onTrouble: (error: unknown) => void) {
    this.#store = store
    this.#node = node
    this.#onTrouble = onTrouble
  }

  addAttempt(attempt: KeptAttempt): void {
    if (this.#waiting.attempts.length < ATTEMPTS_WAITING_MAX) this.#waiting.attempts.push(attempt)
    this.#writeSoon()
  }

  addBan(ban: Ban): void {
    this.#waiting.bans.set(ban.network, ban)
    this.#writeSoon()
  }

  addUserChange(change: UserChange): void {
    this.#waiting.users.push(change)
    this.#writeSoon()
  }

  addKnown(known: NewlyKnown): void {
    this.#waiting.known.push(known)
    this.#writeSoon()
  }

  /** Resolves when everything that was added before is committed; throws when it could not be (it then still waits). */
  flush(): Promise<void> {
    return this.aside(async () => {})
  }

  /** Runs the work after a flush and before the next one, and tells it what came meanwhile and is in no commit. */
  aside(work: (unwritten: () => ProtectionBatch) => Promise<void>): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#alone = this.#alone
      .catch(() => {})
      .then(async () => {
        await this.#writeWaiting()
        await work(() => batchOf(this.#waiting))
      })
    return this.#alone
  }

  /** The last try; what is added later is not written any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
  }

  #writeSoon(): void {
    if (this.#closed) return
    // Whoever waits for a flush hears of its failure; here it was told to `onTrouble`.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), this.#isTroubled ? RETRY_MS : FLUSH_MS)
  }

  async #writeWaiting(): Promise<void> {
    const taken = this.#waiting
    const batch = batchOf(taken)
    if (Object.values(batch).every((part) => part.length === 0)) return
    this.#waiting = nothing()
    try {
      await this.#store.append(this.#node, batch)
      this.#isTroubled = false
    } catch (error) {
      this.#waiting = joined(taken, this.#waiting)
      if (!this.#isTroubled) this.#onTrouble(error)
      this.#isTroubled = true
      this.#writeSoon()
      throw error
    }
  }
}

function nothing(): Waiting {
  return { attempts: [], bans: new Map(), users: [], known: [] }
}

function batchOf({ attempts, bans, users, known }: Waiting): ProtectionBatch {
  return { attempts, bans: [...bans.values()], users, known }
}

function joined(earlier: Waiting, later: Waiting): Waiting {
  return {
    attempts: [...earlier.attempts, ...later.attempts].slice(0, ATTEMPTS_WAITING_MAX),
    bans: new Map([...earlier.bans, ...later.bans]),
    users: [...earlier.users, ...later.users],
    known: [...earlier.known, ...later.known],
  }
}
