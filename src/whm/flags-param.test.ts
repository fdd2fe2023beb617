import assert from 'node:assert/strict'
import { test } from 'node:test'
import { form, json, parse, refuses, values } from '../../test/arguments.ts'
import { aclFlags } from './flags-param.ts'
import { optional, text } from './params.ts'

const doc = 'Something.'
const acls = { acllist: optional(text({ doc })), reseller: text({ doc }), acl: aclFlags({ doc }) }

test('privilege flags are read by name, and acllist beside them is an argument of its own', () => {
  assert.deepEqual(parse(acls, form('reseller=r&acl-list-accts=1&acl-all=0&acllist=x&acl-__proto__=1')), {
    acllist: 'x',
    reseller: 'r',
    acl: new Map([
      ['list-accts', true],
      ['all', false],
      ['__proto__', true],
    ]),
  })
  assert.deepEqual(parse(acls, form('reseller=r')).acl, new Map())
})

test('privilege flags that are not 1 or 0, or that are not flags at all, are refused', () => {
  refuses(acls, form('reseller=r&acl-all=yes'), 'argument-invalid', /“acl-all”/)
  refuses(acls, form('reseller=r&acl-0=list-accts'), 'argument-invalid', /“acl-0”/)
  refuses(acls, form('reseller=r&acl-all=1&acl-all=0'), 'argument-repeated', /“acl-all”/)
  refuses(acls, json({ reseller: 'r', 'acl-all': null }), 'argument-invalid', /“acl-all”/)
  for (const name of ['acl', 'acl-', 'acl_all', 'acl[all]', 'ACL-all', 'acllists']) {
    refuses(acls, values({ reseller: 'r', [name]: '1' }), 'argument-not-understood')
  }
})
