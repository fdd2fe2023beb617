import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokensAsCsv, tokensAsJson } from './export.ts'
import type { Token } from './token.ts'

const token = (note: string): Token => ({
  id: 'tok_1',
  name: 'shop',
  owner: 'root',
  isOwnerSuspended: false,
  privileges: ['list-accts', 'create-acct'],
  ips: ['10.0.0.0/8', '192.0.2.1'],
  createdAt: 1_800_000_000,
  expiresAt: undefined,
  lastUsedAt: 1_800_000_060,
  lastUsedFrom: '::1',
  calls: 7,
  lastRefusedAt: undefined,
  lastRefusedFrom: '',
  revokedAt: undefined,
  undoUntil: undefined,
  status: 'active',
  pauseReason: '',
  note,
  ticket: '',
})

/** A reader of RFC 4180 of the test's own. */
function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  const cells = text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)
  let row: string[] = []
  for (const [, quoted, plain, end] of cells) {
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

test('O3: what a spreadsheet would run as a formula is marked as text, and all else is read back equal', () => {
  for (const note of ['=1+1', '+1', '-1', '@x', '\tx', '\rx']) {
    assert.equal(readCsv(tokensAsCsv([token(note)]))[1]?.[10], `'${note}`, note)
  }
  for (const note of ['', 'a,b', 'say "x"', 'two\r\nlines', ']]>', '<script>', 'a & b', ': - ']) {
    assert.equal(readCsv(tokensAsCsv([token(note)]))[1]?.[10], note, note)
  }
})

test('each line has a value for each heading, moments in UTC and lists with blanks between', () => {
  const [heads, values] = readCsv(tokensAsCsv([token('x')]))
  const row = Object.fromEntries((heads ?? []).map((head, at) => [head, values?.[at]]))
  assert.deepEqual(row, {
    name: 'shop',
    owner: 'root',
    status: 'active',
    privileges: 'list-accts create-acct',
    ips: '10.0.0.0/8 192.0.2.1',
    created: '2027-01-15T08:00:00.000Z',
    last_used: '2027-01-15T08:01:00.000Z',
    last_used_from: '::1',
    calls: '7',
    expires: '',
    note: 'x',
    ticket: '',
    id: 'tok_1',
  })
})

test('JSON keeps lists as lists and a missing end as null', () => {
  const [row] = JSON.parse(tokensAsJson([token('=1+1')]))
  assert.deepEqual([row.ips, row.expires, row.note], [['10.0.0.0/8', '192.0.2.1'], null, '=1+1'])
})
