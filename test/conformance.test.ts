/** The statements that we follow, and the page of those that we do not, name tests that exist. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')
const FIRST_ARGUMENT = /^\s*(?:test|it)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/gm

/** The rows of all tables of a document, without their headings. */
function rowsOf(file: string): readonly (readonly string[])[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  const isRow = (line: string, at: number) =>
    line.startsWith('| ') && !/^\| ---/.test(line) && !/^\| ---/.test(lines[at + 1] ?? '')
  return lines.filter(isRow).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

/** Says whether the file has a test of that name; a transcript is a test as a whole. */
function hasTest(file: string, name: string): boolean {
  if (!existsSync(join(root, file))) return false
  if (file.endsWith('.txt')) return name === 'transcript' || `test/transcripts/${name}`.startsWith(`${file} `)
  const source = readFileSync(join(root, file), 'utf8')
  return [...source.matchAll(FIRST_ARGUMENT)].some(([, , written]) => (written ?? '').replace(/\\(.)/g, '$1') === name)
}

test('every statement has a page and a test, or says that it is not supported yet', () => {
  const rows = rowsOf('test/conformance.md')
  assert.ok(rows.length > 80)
  for (const row of rows) {
    assert.equal(row.length, 4, row.join(' | '))
    const [statement, page, file, name] = row
    assert.ok(statement && page && name, row.join(' | '))
    assert.equal(file === '', name === 'not supported yet', row.join(' | '))
  }
})

test('every test that stands beside a statement exists in the file beside it', () => {
  const missing = rowsOf('test/conformance.md')
    .map(([, , file = '', name = '']) => ({ file: file.replaceAll('`', ''), name }))
    .filter(({ file, name }) => file !== '' && !hasTest(file, name))
  assert.deepEqual(missing, [])
})

test('every difference says how it stands to WHM, and its test exists', () => {
  const rows = rowsOf('docs/differences-from-whm.md')
  assert.ok(rows.length > 50)
  for (const row of rows) {
    assert.equal(row.length, 3, row.join(' | '))
    const [, stands = '', cell = ''] = row
    assert.match(stands, /^(chosen|stricter|beyond|not yet)$/, row.join(' | '))
    if (cell === '' && stands === 'not yet') continue
    const [, name = '', file = ''] = /^\[(.+)\]\(\.\.\/(.+)\)$/.exec(cell) ?? []
    assert.ok(hasTest(file, name), `${file}: ${name}`)
  }
})
