/**
 * The access log: one JSON line a call in `logs/access.log`, built in memory and written in batches, so that a line costs a call next
 * to nothing. No query string, body, header or secret ever gets here. A file that was renamed, deleted or truncated is opened anew
 * with the next batch. Trouble with it never stops a call; lines that could not be written are counted, and the count is the gap's mark.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, statSync, write, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const FLUSH_MS = 200
const FLUSH_BYTES = 512 * 1024
const BUFFER_BYTES = 1024 * 1024
const LINE_MAX_BYTES = 2048
// Without blocking: a pipe in the file's place, which nobody reads, would otherwise keep the whole process waiting.
const APPENDING = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK

/** For lines that are made as texts. */
export function writeText<Call>(lineOf: (call: Call) => string): LineWriter<Call> {
  return (call, into, at) => at + into.write(lineOf(call), at, 'latin1')
}

/** Writes one whole line (ASCII, at most 2 KiB, ending with a line feed) into the bytes from `at` on; gives the place behind it. */
export type LineWriter<Call> = (call: Call, into: Buffer, at: number) => number

export class AccessLog<Call> {
  readonly #path: string
  readonly #onTrouble: (error: unknown) => void
  #file: number | undefined
  // Lines wait as bytes: tens of thousands of texts until the next write would burden the garbage collector.
  readonly #writeLine: LineWriter<Call>
  #filling = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #spare = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #length = 0
  #writing: Promise<void> | undefined
  #isStale = false
  #timer: NodeJS.Timeout | undefined
  #lost = 0
  /** How many the mark before the lines that are being written tells of. */
  #marked = 0
  /** The last write ended within a line. */
  #isCut = false
  readonly #gapOf: (lost: number) => string
  #isTroubled = false

  /** Opens lazily; `onTrouble` hears of each failed write. */
  constructor(
    path: string,
    writeLine: LineWriter<Call>,
    onTrouble: (error: unknown) => void,
    gapOf: (lost: number) => string = (lost) => `{"lost":${lost}}\n`,
  ) {
    this.#gapOf = gapOf
    this.#writeLine = writeLine
    this.#path = path
    this.#onTrouble = onTrouble
  }

  add(call: Call): void {
    if (this.#length + LINE_MAX_BYTES <= BUFFER_BYTES) this.#length = this.#writeLine(call, this.#filling, this.#length)
    else this.#lost += 1
    if (this.#length >= FLUSH_BYTES) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref()
  }

  /** Writes what waits and closes. */
  async close(): Promise<void> {
    await this.#writing
    clearTimeout(this.#timer)
    const bytes = this.#takeWaiting()
    if (bytes.length > 0) {
      try {
        this.#finish(bytes, writeSync(this.#open(), bytes))
      } catch (error) {
        this.#fail(bytes, error)
      }
    }
    this.#closeFile()
  }

  /** To be called now and then where somebody else reads the file: it is there although there is no line, and a gap is marked soon. */
  look(): void {
    if (this.#writing !== undefined) return
    try {
      this.#open()
      if (this.#lost > 0) this.#flush()
    } catch (error) {
      if (!this.#isTroubled) this.#onTrouble(error)
      this.#isTroubled = true
    }
  }

  /** The last write failed; the next one tries again. */
  get isTroubled(): boolean {
    return this.#isTroubled
  }

  /** After a rotation: the next batch goes into the file that then has the name. */
  reopen(): void {
    this.#isStale = true
  }

  #flush(): void {
    if (this.#writing !== undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    const bytes = this.#takeWaiting()
    if (bytes.length === 0) return
    let file: number
    try {
      file = this.#open()
    } catch (error) {
      this.#fail(bytes, error)
      return
    }
    this.#writing = new Promise((resolve) => {
      write(file, bytes, 0, bytes.length, null, (error, written) => {
        this.#writing = undefined
        if (error === null) this.#finish(bytes, written)
        else this.#fail(bytes, error)
        if (this.#length > 0) this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref()
        resolve()
      })
    })
  }

  /** What waits, after the mark of a gap; the buffers change places, so it stays as it is until the next batch is taken. */
  #takeWaiting(): Buffer {
    const waiting = this.#filling.subarray(0, this.#length)
    ;[this.#filling, this.#spare] = [this.#spare, this.#filling]
    this.#length = 0
    const mark = `${this.#isCut ? '\n' : ''}${this.#lost === 0 ? '' : this.#gapOf(this.#lost)}`
    this.#marked = this.#lost
    this.#lost = 0
    return mark === '' ? waiting : Buffer.concat([Buffer.from(mark), waiting])
  }

  /** A disk that fills up takes a part of a batch. */
  #finish(bytes: Buffer, written: number): void {
    this.#isCut = written < bytes.length
    this.#isTroubled = this.#isCut
    if (this.#isCut) this.#lost += countLines(bytes.subarray(written))
  }

  #fail(bytes: Buffer, error: unknown): void {
    // The mark is a line as well, and what it told of is still untold.
    this.#lost += countLines(bytes) + (this.#marked === 0 ? 0 : this.#marked - 1) - (this.#isCut ? 1 : 0)
    this.#isTroubled = true
    this.#onTrouble(error)
  }

  /** Only between writes: a descriptor that is closed while a write is under way could become another file's. */
  #open(): number {
    if (this.#file !== undefined && (this.#isStale || !this.#isStillNamed(this.#file))) this.#closeFile()
    if (this.#file === undefined) {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      this.#file = openSync(this.#path, APPENDING, 0o600)
    }
    return this.#file
  }

  #isStillNamed(file: number): boolean {
    const onDisk = statSync(this.#path, { throwIfNoEntry: false })
    const held = fstatSync(file)
    return onDisk?.ino === held.ino && onDisk.dev === held.dev
  }

  #closeFile(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.#isStale = false
    this.#isCut = false
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0
  for (const byte of bytes) if (byte === 0x0a) lines += 1
  return lines
}
