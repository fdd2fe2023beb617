import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Caller, holds, type UserKind } from './caller.ts'
import { PRIVILEGE_NAMES } from './catalogue.ts'
import { effectivePrivileges, grantablePrivileges, ownerPrivileges, privilegeMap } from './privileges.ts'

const names = [...PRIVILEGE_NAMES, 'software-backup', 'software-monitor', '__proto__']
const someNames = fc.subarray(names)
const owners = fc.record({ kind: fc.constantFrom<UserKind>('root', 'reseller', 'account'), privileges: someNames })

function callerWith(privileges: ReadonlySet<string>): Caller {
  const credential = { kind: 'password' } as const
  return { userId: 1, user: 'ann', kind: 'reseller', privileges, credential, address: '192.0.2.1' }
}

/** What `holds` says for each name: the only thing a privilege is for. */
function allowed(privileges: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(names.filter((name) => holds(callerWith(privileges), name)))
}

test('a token never exceeds what its owner holds', () => {
  fc.assert(
    fc.property(someNames, owners, (token, owner) => {
      assert.ok(allowed(effectivePrivileges(token, owner)).isSubsetOf(allowed(ownerPrivileges(owner))))
    }),
  )
})

test('a token never exceeds what it was given', () => {
  fc.assert(
    fc.property(someNames, owners, (token, owner) => {
      assert.ok(effectivePrivileges(token, owner).isSubsetOf(new Set(token)))
    }),
  )
})

test('taking a privilege away, from the token or from its owner, never allows more', () => {
  fc.assert(
    fc.property(someNames, owners, fc.constantFrom(...names), (token, owner, taken) => {
      const before = allowed(effectivePrivileges(token, owner))
      const rest = token.filter((name) => name !== taken)
      const poorer = { ...owner, privileges: owner.privileges.filter((name) => name !== taken) }
      assert.ok(allowed(effectivePrivileges(rest, owner)).isSubsetOf(before))
      assert.ok(allowed(effectivePrivileges(token, poorer)).isSubsetOf(before))
    }),
  )
})

test('only a token of root has `all`, whatever is stored', () => {
  fc.assert(
    fc.property(someNames, someNames, fc.constantFrom<UserKind>('reseller', 'account'), (token, privileges, kind) => {
      const stored = { kind, privileges: [...privileges, 'all'] }
      assert.equal(effectivePrivileges([...token, 'all'], stored).has('all'), false)
      assert.equal(ownerPrivileges(stored).has('all'), false)
    }),
  )
})

test('a hosting account and its tokens hold no privilege', () => {
  assert.equal(ownerPrivileges({ kind: 'account', privileges: ['list-accts'] }).size, 0)
  assert.equal(effectivePrivileges(['list-accts'], { kind: 'account', privileges: ['list-accts'] }).size, 0)
})

test('a narrow token of root stays narrow', () => {
  const effective = effectivePrivileges(['list-accts'], { kind: 'root', privileges: [] })
  assert.deepEqual([...effective], ['list-accts'])
  assert.equal(holds(callerWith(effective), 'kill-acct'), false)
})

test('a holder gives on no more than it holds, and of that every name a catalogue or a plugin knows', () => {
  fc.assert(
    fc.property(someNames, (held) => {
      const holder = new Set(held)
      const grantable = grantablePrivileges(holder)
      assert.ok(allowed(new Set(grantable)).isSubsetOf(allowed(holder)))
      if (!holder.has('all')) assert.deepEqual([...grantable].sort(), held.filter((n) => n !== '__proto__').sort())
    }),
  )
})

test('whoever holds `all` may give every privilege, `all` included', () => {
  assert.deepEqual(grantablePrivileges(new Set(['all'])), PRIVILEGE_NAMES)
})

test('the map names every privilege in catalogue order and agrees with what is allowed', () => {
  fc.assert(
    fc.property(someNames, (held) => {
      const map = privilegeMap(new Set(held))
      assert.deepEqual(Object.keys(map).slice(0, PRIVILEGE_NAMES.length), PRIVILEGE_NAMES)
      const can = allowed(new Set(held))
      for (const name of PRIVILEGE_NAMES) assert.equal(map[name], can.has(name) ? 1 : 0, name)
      assert.equal(Object.getPrototypeOf(map), Object.prototype)
    }),
  )
})

test('a held privilege of a plugin is shown as it is, after the catalogue', () => {
  const map = privilegeMap(new Set(['software-monitor', 'list-accts']))
  assert.equal(Object.keys(map).at(-1), 'software-monitor')
  assert.equal(map['software-monitor'], 1)
})
