/**
 * The access log: one JSON line a call in `logs/access.log`, built in memory and written in batches, so that a line costs a call next
 * to nothing. No query string, body, header or secret ever gets here. A file that was renamed, deleted or truncated is opened anew
 * within a second. Trouble with it never stops a call; lines that could not be written are counted.
 */
import { closeSync, fstatSync, mkdirSync, openSync, statSync, write, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const FLUSH_MS = 200
const CHECK_MS = 1000
const WAITING_MAX_BYTES = 4 * 1024 * 1024

export class AccessLog {
  readonly #path: string
  readonly #onTrouble: (error: unknown) => void
  #file: number | undefined
  #waiting = ''
  #isWriting = false
  #timer: NodeJS.Timeout | undefined
  #checkedMs = 0
  #lost = 0

  /** Opens lazily; `onTrouble` hears of each failed write. */
  constructor(path: string, onTrouble: (error: unknown) => void) {
    this.#path = path
    this.#onTrouble = onTrouble
  }

  /** `line` is whole and ends with a line feed. */
  add(line: string): void {
    if (this.#waiting.length > WAITING_MAX_BYTES) {
      this.#lost += 1
      return
    }
    this.#waiting += line
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref()
  }

  /** Writes what waits and closes. */
  close(): void {
    clearTimeout(this.#timer)
    try {
      if (this.#waiting !== '') writeSync(this.#open(), this.#waiting)
    } catch (error) {
      this.#onTrouble(error)
    }
    this.#waiting = ''
    this.reopen()
  }

  /** After a rotation. */
  reopen(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  #flush(): void {
    this.#timer = undefined
    if (this.#isWriting || this.#waiting === '') return
    let file: number
    try {
      file = this.#open()
    } catch (error) {
      this.#drop(error)
      return
    }
    const text = this.#lost === 0 ? this.#waiting : `${this.#waiting}{"lost":${this.#lost}}\n`
    this.#waiting = ''
    this.#lost = 0
    this.#isWriting = true
    write(file, text, (error) => {
      this.#isWriting = false
      if (error !== null) this.#onTrouble(error)
      if (this.#waiting !== '') this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref()
    })
  }

  #drop(error: unknown): void {
    this.#lost += this.#waiting.split('\n').length - 1
    this.#waiting = ''
    this.#onTrouble(error)
  }

  #open(): number {
    const nowMs = performance.now()
    if (this.#file !== undefined && nowMs - this.#checkedMs >= CHECK_MS) {
      const onDisk = statSync(this.#path, { throwIfNoEntry: false })
      if (onDisk === undefined || onDisk.ino !== fstatSync(this.#file).ino) this.reopen()
    }
    if (this.#file === undefined) {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      this.#file = openSync(this.#path, 'a', 0o600)
    }
    this.#checkedMs = nowMs
    return this.#file
  }
}
