import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { csvOf } from './csv.ts'

/** A reader after RFC 4180, and the mark taken off again: simpler than what it checks. */
function read(csv: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy
  for (let found = pattern.exec(csv); found !== null; found = pattern.exec(csv)) {
    const [, quoted, plain = '', end] = found
    row.push((quoted?.replaceAll('""', '"') ?? plain).replace(/^'/, ''))
    if (end !== ',') {
      rows.push(row)
      row = []
    }
    if (pattern.lastIndex === csv.length) break
  }
  return rows
}

const PLANTED = [
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  "'=1",
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '</textarea>',
  '{{7*7}}',
  'javascript:alert(1)',
  'left\u202eright',
  'a\r\nb',
  'a,b;"c"',
  ']]>',
  '&amp;',
  'key: value',
  '- item',
  '',
  ' ',
]

test('O3: nothing in CSV is a formula to a spreadsheet, and everything reads back equal', () => {
  const csv = csvOf(
    ['a', 'b'],
    PLANTED.map((text) => [text, `${text}x`]),
  )
  const cells = read(csv)
  assert.deepEqual(cells, [['a', 'b'], ...PLANTED.map((text) => [text, `${text}x`])])
  for (const line of csv.split(/\r\n|,/)) assert.doesNotMatch(line, /^"?[=+\-@\t\r]/, line)
})

test('O3: numbers stay numbers, and whatever texts there are read back equal', () => {
  assert.equal(csvOf(['n', 'none'], [[-5, null]]), 'n,none\r\n-5,\r\n')
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 2, maxLength: 2 }), { minLength: 1 }), (rows) => {
      assert.deepEqual(read(csvOf(['a', 'b'], rows)), [['a', 'b'], ...rows])
    }),
  )
})
