/**
 * A tiny file beside the SQLite database that says up to which audit entry changes were acknowledged. A database that knows fewer has
 * lost something (its `-wal` file, or an old copy was put back), which SQLite itself cannot notice. It may lag by a second, never lead.
 */
import { closeSync, constants, fdatasync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const WIDTH = 20

/** What the file of a data folder says; 0 without a readable file. */
export function readAcknowledged(folder: string): number {
  try {
    const text = readFileSync(join(folder, 'acknowledged'), 'latin1')
    return /^\d{20}\n$/.test(text) ? Number(text) : 0
  } catch {
    return 0
  }
}

/** Keeps the file up to date. */
export class Acknowledged {
  readonly #file: number
  readonly #lastSeq: () => number
  #written = -1
  #timer: NodeJS.Timeout | undefined

  /** `lastSeq` reads the highest committed entry from the database. */
  constructor(folder: string, lastSeq: () => number) {
    // Written in place (well within one sector), so that it works on a full disk as well.
    this.#file = openSync(join(folder, 'acknowledged'), constants.O_RDWR | constants.O_CREAT, 0o600)
    this.#lastSeq = lastSeq
    this.#write()
  }

  /** To be called after each commit. */
  noteCommit(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#write()
      promisify(fdatasync)(this.#file).catch(() => {})
    }, 1000).unref()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#write()
    closeSync(this.#file)
  }

  #write(): void {
    try {
      const seq = this.#lastSeq()
      if (seq === this.#written) return
      writeSync(this.#file, `${String(seq).padStart(WIDTH, '0')}\n`, 0)
      this.#written = seq
    } catch {
      // Only the check at the next start is weaker; the change itself is safe in the database.
    }
  }
}
