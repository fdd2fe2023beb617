/**
 * What is wrong with a SQLite database at the moment, and the way back. Damage stays until a person has dealt with it; a disk that is
 * full, read-only or away is looked at each second, so that full service returns without a restart and without a call having to fail.
 */
import { Failure } from '../failures.ts'
import type { StorageLog } from './database.ts'
import { Reserve } from './reserve.ts'
import { type StorageHealth, sqliteFailure } from './storage-errors.ts'

const LOOK_MS = 1000

export class SqliteHealth {
  readonly #reserve: Reserve
  readonly #log: StorageLog | undefined
  readonly #probe: () => void
  readonly #shrink: () => void
  readonly #timer: NodeJS.Timeout
  #damaged = false
  #trouble: 'storage-full' | 'storage-unavailable' | undefined
  #looking: Promise<void> | undefined

  /**
   * `probe` reads something, and throws where nothing can be read; `shrink` gives back what room the write-ahead log takes, and may
   * throw where there is none to work in.
   */
  constructor(folder: string, log: StorageLog | undefined, probe: () => void, shrink: () => void) {
    this.#reserve = new Reserve(folder)
    this.#log = log
    this.#probe = probe
    this.#shrink = shrink
    this.#timer = setInterval(() => {
      this.#looking ??= this.#recover().finally(() => {
        this.#looking = undefined
      })
    }, LOOK_MS).unref()
  }

  state(): StorageHealth {
    return this.#damaged ? 'storage-damaged' : (this.#trouble ?? 'ok')
  }

  refuseDamaged(): void {
    if (this.#damaged) throw new Failure('storage-damaged')
  }

  /** Makes the reserve, or remembers that there is no room for it. */
  async prepare(): Promise<void> {
    if (!(await this.#reserve.ensure())) this.note(new Failure('storage-full'))
  }

  /** What the reserve left free is for urgent writes alone: false means that no other may go on. */
  async mayWrite(): Promise<boolean> {
    return this.#reserve.held || this.#reserve.ensure()
  }

  /** Frees the reserve for an urgent write; false when there was nothing to free. */
  async giveUpReserve(): Promise<boolean> {
    if (!(await this.#reserve.release())) return false
    this.#log?.warn({}, 'the disk is full: the reserve was given up for an urgent change')
    return true
  }

  noteCommit(): void {
    if (this.#reserve.held) this.#noteWell()
  }

  /** Remembers what an error says about the database, and hands it on. */
  note(error: unknown): unknown {
    if (!(error instanceof Failure)) return error
    if (error.code === 'storage-damaged' && !this.#damaged) {
      this.#damaged = true
      this.#log?.error({ error: error.cause ?? error }, 'the database is damaged: nothing is accepted any more')
    }
    if (error.code === 'storage-full' || error.code === 'storage-unavailable') {
      if (this.#trouble !== error.code)
        this.#log?.error({ error: error.cause ?? error }, `the database reports ${error.code}`)
      this.#trouble = error.code
    }
    return error
  }

  /** Afterwards nothing of this touches the folder any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #recover(): Promise<void> {
    if (!this.#trouble && this.#reserve.held) return
    if (!this.#reserve.held) this.#tryShrink()
    if (!(await this.#reserve.ensure())) return
    try {
      this.#probe()
      this.#noteWell()
    } catch (error) {
      this.note(sqliteFailure(error))
    }
  }

  /** On a small disk the log of what was written while it was full can take the very room that the reserve needs. */
  #tryShrink(): void {
    try {
      this.#shrink()
    } catch {
      // Still too full, or a change is under way: the next look tries again.
    }
  }

  #noteWell(): void {
    if (this.#trouble) this.#log?.warn({ was: this.#trouble }, 'the database takes changes again')
    this.#trouble = undefined
  }
}
