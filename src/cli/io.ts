import type { Readable, Writable } from 'node:stream'
import type { Environment } from '../config/settings.ts'

/** What a command reads and writes, so that a test can run one without a process of its own. */
export type Io = {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown }
  readonly stdout: Writable
  readonly stderr: Writable
  readonly env: Environment
  /** What the process ends with when the command throws nothing; a command that ran and has bad news sets 1. */
  exitCode: number
}

/** The process's own. */
export const processIo = (): Io => ({
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  exitCode: 0,
})

/** Writes all of the text; a reader that went away (`… | head`) is not an error. */
export function print(to: Writable, text: string): Promise<void> {
  return new Promise((done, fail) => {
    const onError = (): void => {} // The same error reaches the callback below.
    to.on('error', onError)
    to.write(text, (error) => {
      if (error == null || (error as NodeJS.ErrnoException).code === 'EPIPE')
        done() // A stream's error may carry a code.
      else fail(error)
      if (error == null) to.off('error', onError)
    })
  })
}

/** Makes control characters harmless for a terminal and keeps the text on one line. */
export function onOneLine(text: string): string {
  // \u2028, \u2029 end a line for some readers; the bidirectional marks let a name pretend to be another.
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
