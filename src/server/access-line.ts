/**
 * One line of the access log. It is made on each call, so all that repeats is made once: calls that are alike within one second differ
 * in a few digits, which are written over those of a line that is kept as bytes. Everything in it is a number, a checked name, or
 * escaped; it is ASCII.
 */
import { escapeForLine, maskSecrets } from '../whm/mask.ts'
import type { LineWriter } from './access-log.ts'
import { type Exchange, functionNameOf, REQUEST_ID_START } from './exchange.ts'

const TIME_START = '{"time":"'
const MILLISECONDS_AT = TIME_START.length + '2026-11-25T12:00:00.'.length
const NUMBER_AT = MILLISECONDS_AT + `000Z","id":"${REQUEST_ID_START}-`.length

/** Writes the lines of answered calls; each ends with a line feed. */
export function makeAccessLines(): LineWriter<Exchange> {
  let kept: Kept = { second: -1, digits: 0, call: undefined, functionName: '', from: '', line: Buffer.alloc(0) }
  return (call, into, at) => {
    const second = Math.floor(call.nowMs / 1000)
    const digits = digitsOf(call.requestNumber)
    if (second !== kept.second || digits !== kept.digits || !isAlike(kept, call)) kept = keep(call, second, digits)
    into.set(kept.line, at)
    writeDigits(into, at + MILLISECONDS_AT, 3, call.nowMs - second * 1000)
    writeDigits(into, at + NUMBER_AT, digits, call.requestNumber)
    return writeTook(into, at + kept.line.length, Math.round(call.tookMs * 100))
  }
}

/** A line up to its time taken, and what it is the line of. The request itself is not kept. */
type Kept = {
  readonly second: number
  readonly digits: number
  readonly call: (Pick<Exchange, 'caller' | 'bytes' | 'status'> & { readonly method: string | undefined }) | undefined
  readonly functionName: string
  readonly from: string
  readonly line: Buffer
}

function isAlike({ call: kept, functionName, from }: Kept, call: Exchange): boolean {
  return (
    kept !== undefined &&
    kept.caller === call.caller &&
    kept.bytes === call.bytes &&
    kept.status === call.status &&
    kept.method === call.request.method &&
    functionName === functionNameOf(call.target) &&
    from === addressOf(call)
  )
}

function keep(call: Exchange, second: number, digits: number): Kept {
  const { caller, bytes, status, request } = call
  const functionName = functionNameOf(call.target)
  const from = addressOf(call)
  const time = new Date(second * 1000).toISOString().slice(0, -4)
  const token = caller?.credential.kind === 'token' ? `,"token":"${caller.credential.tokenId}"` : ''
  const verb = request.method === 'GET' || request.method === 'POST' ? request.method : 'other'
  const line = Buffer.from(
    `${TIME_START}${time}000Z","id":"${REQUEST_ID_START}-${'0'.repeat(digits)}","from":"${from}","user":"${caller?.user ?? ''}"${token},"method":"${verb}","function":${safeName(functionName)},"status":${status},"bytes":${bytes},"ms":`,
    'latin1',
  )
  return { second, digits, call: { caller, bytes, status, method: request.method }, functionName, from, line }
}

const addressOf = ({ client }: Exchange): string => client?.addressText ?? ''

const ZERO = 0x30

function digitsOf(number: number): number {
  let digits = 1
  for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) digits += 1
  return digits
}

/** The last `digits` digits of a whole number; gives the place behind them. */
function writeDigits(into: Buffer, at: number, digits: number, number: number): number {
  let rest = number
  for (let place = at + digits - 1; place >= at; place -= 1) {
    const tenth = Math.floor(rest / 10)
    into[place] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return at + digits
}

/** Milliseconds with two decimals, and the line's end. */
function writeTook(into: Buffer, at: number, hundredths: number): number {
  const whole = Math.floor(hundredths / 100)
  const point = writeDigits(into, at, digitsOf(whole), whole)
  into[point] = 0x2e
  const end = writeDigits(into, point + 1, 2, hundredths - whole * 100)
  into[end] = 0x7d
  into[end + 1] = 0x0a
  return end + 2
}

function safeName(name: string): string {
  if (/^[a-z0-9_]{1,31}$/.test(name)) return `"${name}"`
  const escaped = escapeForLine(maskSecrets(name), 100)
  return `"${escaped.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
}
