import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseArguments } from '../src/cli/arguments.ts'
import { curlLines, shellQuote, whmapi1Line } from './command-lines.ts'

/** What a POSIX shell makes of the line: its words, one by one. */
function shellWords(line: string): readonly string[] {
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`]).toString()
  return printed.split('\0').slice(0, -1)
}

const lineText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'))

test('whatever a value holds, the shell passes it on letter for letter', () => {
  const property = fc.property(fc.array(lineText, { minLength: 1, maxLength: 20 }), (texts) => {
    assert.deepEqual(shellWords(texts.map(shellQuote).join(' ')), texts)
  })
  fc.assert(property, { numRuns: 20 })
})

test('curl gets each value of a list under a name of its own, and no secret', () => {
  const lines = curlLines('https://panel.example.com:2087', 'root', 'api_token_create', {
    token_name: 'shop',
    acl: ['list-accts', 'create-acct'],
    note: "it's 100 % <b>",
    expires_at: undefined,
  })
  assert.deepEqual(shellWords(lines), [
    'curl',
    '-H',
    'Authorization: whm root:YOUR-TOKEN',
    'https://panel.example.com:2087/json-api/api_token_create',
    '-d',
    'api.version=1',
    '--data-urlencode',
    'token_name=shop',
    '--data-urlencode',
    'acl=list-accts',
    '--data-urlencode',
    'acl-1=create-acct',
    '--data-urlencode',
    "note=it's 100 % <b>",
  ])
})

test('whmapi1 reads back what its line was made from', () => {
  const line = whmapi1Line('api_token_update', { token_name: 'a', note: '100 % = “x” & y' })
  const [program, name, ...given] = shellWords(line)
  assert.deepEqual([program, name], ['whmapi1', 'api_token_update'])
  assert.deepEqual({ ...parseArguments(given) }, { token_name: 'a', note: '100 % = “x” & y' })
})
