/** `docs/storage-schema.md` has each table and each column of a database that was just made, and no other. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SCHEMA_VERSION } from '../../src/storage/migrate.ts'
import { forEachDatabase } from './databases.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/storage-schema.md'), 'utf8')

/** `TABLE.COLUMN` of each first cell. A heading names one table, or several whose columns are then named with their table. */
function documented(): readonly string[] {
  const [, ...sections] = page.split(/^## /m)
  return sections.flatMap((section) => {
    const [heading = ''] = section.split('\n', 1)
    // Rows are told by their keys there.
    if (heading === 'meta') return ['meta.key', 'meta.value']
    if (!/^[a-z_, ]+$/.test(heading)) return []
    const cells = [...section.matchAll(/^\| (`[^|]+?) *\|/gm)].flatMap(([, cell = '']) => cell.split(', '))
    return cells
      .map((cell) => cell.replaceAll('`', ''))
      .map((name) => (heading.includes(',') ? name : `${heading}.${name}`))
  })
}

forEachDatabase((_name, makeStorage) => {
  test('the page of the schema has each table and each column, and names the newest migration', async () => {
    const storage = await makeStorage()
    const tables = await storage.read.introspection.getTables()
    const made = tables.flatMap(({ name, columns }) => columns.map((column) => `${name}.${column.name}`))
    assert.deepEqual([...documented()].sort(), made.sort())
    assert.match(page, new RegExp(`schema \`${SCHEMA_VERSION}\``))
  })
})
