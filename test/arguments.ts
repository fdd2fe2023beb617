/** Arguments as clients send them, read by the forms that functions declare. */
import assert from 'node:assert/strict'
import { Failure, type FailureCode } from '../src/failures.ts'
import { type Arguments, decodeBody, decodeForm } from '../src/whm/arguments.ts'
import { type Params, parseArguments, type Values } from '../src/whm/params.ts'

/** When everything is read. */
export const NOW_MS = Date.UTC(2026, 10, 22)
export const form = (query: string) => decodeForm(query)
export const json = (body: unknown) => decodeBody(Buffer.from(JSON.stringify(body)), 'application/json')
/** Names and values as they stand, past any decoding. */
export const values = (record: Record<string, string | readonly string[]>): Arguments => ({
  ...decodeForm(''),
  values: new Map(Object.entries(record).map(([name, value]) => [name, typeof value === 'string' ? [value] : value])),
})
export const parse = <P extends Params>(params: P, args: Arguments): Values<P> => parseArguments(params, args, NOW_MS)

export function refuses(params: Params, args: Arguments, code: FailureCode, words: RegExp = /./): void {
  assert.throws(
    () => parse(params, args),
    (error) => error instanceof Failure && error.code === code && words.test(error.message),
  )
}
