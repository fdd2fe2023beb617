/**
 * Standard error as the event log writes to it: beside the event loop, so that a reader who stands still does not stop the server, and
 * with a bound, so that waiting lines do not fill the memory. Where it cannot be written (a full disk, a reader that went away) the
 * log has a gap, and the calls go on.
 */
import { write, writeSync } from 'node:fs'

const WAITING_MAX_BYTES = 1024 * 1024
const RETRY_MS = 100
const FILE = 2

export class StandardError {
  #waiting: Buffer[] = []
  #bytes = 0
  #isBusy = false

  constructor() {
    process.once('exit', () => this.#writeRest())
  }

  /** `line` is whole and ends with a line feed. */
  write(line: string): void {
    const bytes = Buffer.from(line)
    if (this.#bytes + bytes.length > WAITING_MAX_BYTES) return
    this.#waiting.push(bytes)
    this.#bytes += bytes.length
    if (this.#isBusy) return
    this.#isBusy = true
    // Later, so that what is logged right before an exit is still here to be written then.
    setImmediate(() => this.#writeWaiting())
  }

  #writeWaiting(): void {
    const bytes = this.#take()
    write(FILE, bytes, (error, written) => {
      if (error !== null && error.code !== 'EAGAIN') this.#goOn()
      else if (written === bytes.length) this.#goOn()
      else this.#putBack(bytes.subarray(written))
    })
  }

  #goOn(): void {
    this.#isBusy = this.#waiting.length > 0
    if (this.#isBusy) this.#writeWaiting()
  }

  #putBack(rest: Buffer): void {
    this.#waiting.unshift(rest)
    this.#bytes += rest.length
    setTimeout(() => this.#writeWaiting(), RETRY_MS).unref()
  }

  #take(): Buffer {
    const bytes = Buffer.concat(this.#waiting)
    this.#waiting = []
    this.#bytes = 0
    return bytes
  }

  #writeRest(): void {
    try {
      if (this.#waiting.length > 0) writeSync(FILE, this.#take())
    } catch {
      // There is nobody left to tell.
    }
  }
}
