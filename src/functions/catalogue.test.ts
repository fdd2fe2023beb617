import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { FUNCTIONS_NEEDING_ALL, PRIVILEGES } from '../acl/catalogue.ts'
import { CATALOGUE, indexCatalogue } from './catalogue.ts'
import { defineRead, privilegesOf, type WhmFunction } from './define.ts'

const named = (name: string, acl: string | readonly string[] | false = false): WhmFunction =>
  defineRead({
    name,
    group: 'Test',
    summary: 'Test.',
    source: 'Postern',
    acl,
    params: {},
    failures: [],
    v0: 'none',
    run: () => ({ data: {} }),
  })

const names = CATALOGUE.map((definition) => definition.name)

test('the catalogue is sorted by name and can be indexed', () => {
  assert.deepEqual(names, names.toSorted())
  assert.deepEqual([...indexCatalogue(CATALOGUE).keys()], names)
})

test('every function has a file of exactly its name, and every definition is in the catalogue', () => {
  const files = globSync('*/*.ts', { cwd: import.meta.dirname }).filter((file) =>
    /\bdefine(?:Read|Write|Through)\(/.test(readFileSync(join(import.meta.dirname, file), 'utf8')),
  )
  assert.deepEqual(files.map((file) => basename(file, '.ts')).toSorted(), names)
})

test('a second function of the same name stops the start', () => {
  assert.throws(() => indexCatalogue([named('listaccts'), named('listaccts')]), /two functions named listaccts/)
})

test('a name that is not lower case with underscores stops the start', () => {
  for (const name of ['', 'ListAccts', 'list-accts', 'list accts', '_x', 'é']) {
    assert.throws(() => indexCatalogue([named(name)]), /is not lower case/, name)
  }
})

test('a privilege that nobody can hold, or none at all, stops the start', () => {
  for (const acl of ['list-acct', '', ['all', 'LIST-ACCTS']]) {
    assert.throws(() => indexCatalogue([named('x', acl)]), /which is no privilege/, String(acl))
  }
  assert.throws(() => indexCatalogue([named('x', [])]), /names no privilege/)
})

test('only what tells a caller about itself, and the batch of calls that are checked one by one, is open to every credential', () => {
  const open = CATALOGUE.filter((definition) => privilegesOf(definition).length === 0)
  assert.deepEqual(
    open.map((definition) => definition.name),
    ['applist', 'batch', 'postern_preferences_get', 'postern_preferences_set', 'postern_whoami'],
  )
})

test('a function of WHM is opened by the privilege that the privilege catalogue pairs it with', () => {
  const paired = new Map(PRIVILEGES.flatMap(({ acl, functions }) => functions.map((name) => [name, acl] as const)))
  for (const name of FUNCTIONS_NEEDING_ALL) paired.set(name, 'all')
  for (const definition of CATALOGUE) {
    const { name, acl } = definition
    if (name.startsWith('postern_') || acl === false) continue
    assert.ok(privilegesOf(definition).includes(paired.get(name) ?? ''), `${name}: ${String(acl)}`)
  }
})

test('every description is one sentence and every argument is documented', () => {
  for (const { name, summary, params } of CATALOGUE) {
    assert.match(summary, /^[A-Z].*\.$/s, name)
    for (const [argument, param] of Object.entries(params)) assert.notEqual(param.doc, '', `${name} ${argument}`)
  }
})
