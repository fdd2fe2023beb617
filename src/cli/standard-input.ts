import { Problem } from '../config/problem.ts'
import type { Io } from './io.ts'

const MAX_BYTES = 8 * 1024 * 1024
const LINE_MAX_BYTES = 64 * 1024

/** All of standard input as UTF-8. */
export async function readText(stdin: Io['stdin']): Promise<string> {
  return decode(await readBytes(stdin, MAX_BYTES, () => false))
}

/** The first line without its end; the rest is not looked at. The last line needs no end. */
export async function readLine(stdin: Io['stdin']): Promise<string> {
  const bytes = await readBytes(stdin, LINE_MAX_BYTES, (piece) => piece.includes(0x0a))
  const end = bytes.indexOf(0x0a)
  return decode(end === -1 ? bytes : bytes.subarray(0, end)).replace(/\r$/, '')
}

async function readBytes(stdin: Io['stdin'], maxBytes: number, isLast: (piece: Buffer) => boolean): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of stdin) {
    const bytes = Buffer.from(piece as Buffer | string) // A stream without object mode gives nothing else.
    pieces.push(bytes)
    length += bytes.length
    if (length > maxBytes) throw new Problem(`standard input holds more than ${maxBytes} bytes`)
    if (isLast(bytes)) break
  }
  return Buffer.concat(pieces)
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new Problem('standard input is not UTF-8', undefined, { cause })
  }
}
