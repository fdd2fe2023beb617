/**
 * A file that only takes up room. When the disk is full it is given up, so that a revoke or a pause still finds space; it is made
 * again as soon as there is room for it, and until then nothing but urgent changes may use what it left.
 */
import { constants } from 'node:fs'
import { open, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** Enough for a few dozen revokes. */
const RESERVE_BYTES = 1024 * 1024
/** What must be free beside it, for the database itself. */
const MARGIN_BYTES = 128 * 1024

/** The reserve in one data folder. */
export class Reserve {
  readonly #path: string
  #held = false
  #work: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#path = join(folder, 'reserve')
  }

  get held(): boolean {
    return this.#held
  }

  /** Makes the file if it is missing; false while there is no room. With the file in place it tells whether a little can be written. */
  ensure(): Promise<boolean> {
    return this.#inTurn(async () => {
      try {
        if (!this.#held && (await stat(this.#path).catch(() => undefined))?.size === RESERVE_BYTES) this.#held = true
        const bytes = this.#held ? MARGIN_BYTES : RESERVE_BYTES
        if (!this.#held && !(await this.#hasRoom(bytes + MARGIN_BYTES))) return false
        await this.#fill(bytes)
        return true
      } catch {
        // Full, read-only or gone: whatever the reason, there is no reserve to count on.
        return false
      }
    })
  }

  /** Gives the room back; false when there was nothing to give. */
  release(): Promise<boolean> {
    return this.#inTurn(async () => {
      try {
        await rm(this.#path)
        this.#held = false
        return true
      } catch {
        // Given up before, or on a disk that is read-only: no room came of it.
        return false
      }
    })
  }

  async #hasRoom(bytes: number): Promise<boolean> {
    const { bavail, bsize } = await statfs(join(this.#path, '..'))
    return bavail * bsize > bytes
  }

  /** Random bytes, so that a compressing file system cannot save them. */
  async #fill(bytes: number): Promise<void> {
    const temporary = `${this.#path}.new`
    try {
      const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600)
      try {
        await file.writeFile(crypto.getRandomValues(Buffer.alloc(Math.min(bytes, 65536))))
        for (let written = 65536; written < bytes; written += 65536) {
          await file.write(crypto.getRandomValues(Buffer.alloc(65536)), 0, 65536, written)
        }
        await file.sync()
      } finally {
        await file.close()
      }
      if (this.#held) return
      await rename(temporary, this.#path)
      this.#held = true
    } finally {
      await rm(temporary, { force: true })
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work)
    this.#work = done.catch(() => {})
    return done
  }
}
