import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LEGACY_PRIVILEGES, PRIVILEGE_NAMES } from '../../acl/catalogue.ts'
import { Failure } from '../../failures.ts'
import { decodeForm } from '../../whm/arguments.ts'
import { countHolding, listName, privilegesChosen, resellerPrivileges } from './forms.ts'

const flags = (entries: Readonly<Record<string, boolean>>) => new Map(Object.entries(entries))
const failsAs = (code: string) => (error: unknown) => error instanceof Failure && error.code === code

test('the privileges switched on are chosen, in the order of the catalogue', () => {
  const { privileges, warnings } = privilegesChosen(flags({ 'list-accts': true, 'acct-summary': true, passwd: false }))
  assert.deepEqual(privileges, ['acct-summary', 'list-accts'])
  assert.deepEqual(warnings, [])
})

test('an unknown privilege that is switched off is ignored, and one that is switched on is refused by name', () => {
  assert.deepEqual(privilegesChosen(flags({ 'no-such': false, passwd: true })).privileges, ['passwd'])
  for (const acl of ['no-such', 'Passwd', 'passwd ', '__proto__', '*']) {
    assert.throws(() => privilegesChosen(new Map([[acl, true]])), failsAs('privilege-unknown'), acl)
  }
})

test('`all` is given to no reseller, by whatever way it comes', () => {
  assert.throws(() => privilegesChosen(flags({ all: true })), failsAs('privilege-root-only'))
  assert.throws(() => resellerPrivileges(['passwd', 'all']), failsAs('privilege-root-only'))
  assert.deepEqual(privilegesChosen(flags({ all: false })).privileges, [])
})

test('a privilege that WHM has given up gives nothing, and the caller is told', () => {
  for (const acl of LEGACY_PRIVILEGES) {
    const chosen = privilegesChosen(flags({ [acl]: true, passwd: true }))
    assert.deepEqual(chosen.privileges, ['passwd'])
    assert.deepEqual(chosen.warnings, [`The privilege “${acl}” no longer exists and gives nothing.`])
    assert.deepEqual(privilegesChosen(flags({ [acl]: false })).warnings, [])
  }
})

test('every privilege but `all` can be given', () => {
  const names = PRIVILEGE_NAMES.filter((name) => name !== 'all')
  assert.deepEqual(resellerPrivileges(names.toReversed()), names)
})

test('a token counts as narrowed when it holds one of the privileges taken away', () => {
  const tokens = [{ privileges: ['passwd', 'list-accts'] }, { privileges: ['list-accts'] }, { privileges: [] }]
  assert.equal(countHolding(tokens, ['passwd']), 1)
  assert.equal(countHolding(tokens, ['passwd', 'list-accts']), 2)
  assert.equal(countHolding(tokens, []), 0)
})

test('the name of a saved list is one line without blanks at its ends', () => {
  const read = (value: string) => listName('').read(decodeForm(`acllist=${encodeURIComponent(value)}`), 'acllist')
  for (const name of ['basic', 'Basic Hosting', 'é', 'x'.repeat(100)]) assert.equal(read(name), name)
  for (const name of ['', ' ', ' a', 'a ', 'a\nb', 'a\tb', 'x'.repeat(101)]) {
    assert.throws(() => read(name), failsAs('argument-invalid'), JSON.stringify(name))
  }
})
