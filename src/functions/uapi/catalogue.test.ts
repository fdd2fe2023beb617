import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { indexUapi, UAPI_CATALOGUE } from './catalogue.ts'
import { defineUapiRead } from './define.ts'

const named = (module: string, name: string, feature: string | false = false) =>
  defineUapiRead({
    module,
    function: name,
    summary: 'Test.',
    source: 'Postern',
    feature,
    params: {},
    failures: [],
    run: () => ({ data: null }),
  })

const names = UAPI_CATALOGUE.map(({ name }) => name)

test('the UAPI catalogue is sorted by name and can be indexed', () => {
  assert.deepEqual(names, names.toSorted())
  const { byName, whyMissing } = indexUapi(UAPI_CATALOGUE)
  assert.deepEqual([...byName.keys()], names)
  for (const { name, module } of UAPI_CATALOGUE) {
    assert.ok(name.startsWith(`${module}::`))
    assert.equal(whyMissing({ module, function: 'nothing' }).code, 'uapi-function-unknown')
  }
  assert.equal(whyMissing({ module: 'Nothing', function: 'list' }).code, 'uapi-module-unknown')
})

test('every UAPI function has a file of exactly its name in a folder of its module', () => {
  const files = globSync('*/*.ts', { cwd: import.meta.dirname }).filter((file) =>
    /\bdefineUapi(?:Read|Write|Through)\(/.test(readFileSync(join(import.meta.dirname, file), 'utf8')),
  )
  assert.deepEqual(files.map((file) => file.replace('/', '::').replace(/\.ts$/, '')).toSorted(), names)
})

test('a double, a name that no request can spell, and a feature without a name stop the start', () => {
  assert.throws(() => indexUapi([named('Email', 'list_pops'), named('Email', 'list_pops')]), /two functions named/)
  for (const [module, name] of [
    ['email', 'list_pops'],
    ['Email', 'List_pops'],
    ['Email', 'list-pops'],
    ['', 'x'],
    ['E::F', 'x'],
    ['Email', ''],
  ] as const)
    assert.throws(() => indexUapi([named(module, name)]), /is no name of a UAPI function/)
  assert.throws(() => indexUapi([named('Email', 'list_pops', '')]), /names no feature/)
})

test('every UAPI description is one sentence and every argument is documented', () => {
  for (const { name, summary, params } of UAPI_CATALOGUE) {
    assert.match(summary, /^[A-Z].*\.$/s, name)
    for (const [argument, param] of Object.entries(params)) assert.notEqual(param.doc, '', `${name} ${argument}`)
  }
})
