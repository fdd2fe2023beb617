import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  FUNCTIONS_NEEDING_ALL,
  INITIAL_PRIVILEGES,
  LEGACY_PRIVILEGES,
  PRIVILEGE_NAMES,
  PRIVILEGES,
  privilegeNamed,
} from './catalogue.ts'

const withDanger = (danger: string) => PRIVILEGES.filter((p) => p.danger === danger).map((p) => p.acl)

test('the catalogue holds the 64 privileges of WHM, each once, with `all` last', () => {
  assert.equal(PRIVILEGES.length, 64)
  assert.equal(new Set(PRIVILEGE_NAMES).size, PRIVILEGES.length)
  assert.equal(PRIVILEGE_NAMES.at(-1), 'all')
})

test('the groups hold as many privileges as the privileges page shows', () => {
  const sections = new Map<string, number>()
  for (const { group } of PRIVILEGES) {
    const section = group.split('/')[0] ?? ''
    sections.set(section, (sections.get(section) ?? 0) + 1)
  }
  assert.deepEqual(Object.fromEntries(sections), {
    'Initial Privileges': 20,
    'Standard Privileges': 22,
    'Package Privileges': 10,
    'Global Privileges': 4,
    'Super Privileges': 7,
    'Root Access': 1,
  })
})

test('the twenty Initial Privileges are those a new reseller gets', () => {
  assert.equal(INITIAL_PRIVILEGES.length, 20)
  assert.deepEqual(
    INITIAL_PRIVILEGES,
    PRIVILEGES.filter((p) => p.initial).map((p) => p.acl),
  )
  assert.ok(INITIAL_PRIVILEGES.includes('manage-api-tokens'))
})

test('exactly the four that the token page warns about escalate', () => {
  assert.deepEqual(withDanger('escalates').sort(), ['all', 'create-user-session', 'manage-api-tokens', 'passwd'])
})

test('the privileges that reach further than their labels are marked', () => {
  assert.deepEqual(withDanger('elevated').sort(), [
    'add-pkg-shell',
    'allow-shell',
    'clustering',
    'cors-proxy-get',
    'cpanel-api',
    'edit-account',
    'kill-acct',
    'rearrange-accts',
  ])
})

test('a privilege has a warning exactly when it is dangerous, and its sentences end with a full stop', () => {
  for (const { acl, danger, warning, description, note } of PRIVILEGES) {
    assert.equal(warning !== undefined, danger !== 'none', acl)
    for (const sentence of [warning, description, note]) assert.match(sentence ?? 'absent.', /^\S.*\.$/, acl)
  }
})

test('a privilege opens functions, or arguments, or says that nothing is known', () => {
  for (const { acl, basis, functions, gates } of PRIVILEGES) {
    assert.equal(gates !== undefined, basis === 'parameter', acl)
    assert.equal(functions.length > 0, basis === 'documented' || basis === 'inferred', acl)
  }
})

test('a function that needs `all` is opened by no other privilege', () => {
  const opened = new Set(PRIVILEGES.flatMap((p) => p.functions))
  assert.deepEqual(
    FUNCTIONS_NEEDING_ALL.filter((name) => opened.has(name)),
    [],
  )
  assert.equal(new Set(FUNCTIONS_NEEDING_ALL).size, FUNCTIONS_NEEDING_ALL.length)
})

test('a privilege is found by its exact name and by nothing else', () => {
  assert.equal(privilegeNamed('list-accts')?.label, 'List Accounts')
  for (const name of ['', 'LIST-ACCTS', 'list-accts ', '__proto__', 'constructor', ...LEGACY_PRIVILEGES]) {
    assert.equal(privilegeNamed(name), undefined, name)
  }
})
