import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import { FAILURES } from '../failures.ts'

test('no code stands in two files, so none takes the words of another', async () => {
  const files = globSync('*.ts', { cwd: import.meta.dirname, exclude: ['*.test.ts'] })
  const tables = await Promise.all(files.map((file) => import(`./${file}`) as Promise<Record<string, unknown>>))
  const codes = tables.flatMap((module) =>
    Object.entries(module).flatMap(([name, table]) => (name.endsWith('_FAILURES') ? Object.keys(table as object) : [])),
  )
  assert.deepEqual(codes.sort(), Object.keys(FAILURES).sort())
})
