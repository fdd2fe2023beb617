/** Feature lists, and what accounts may use by them. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { featuresOf } from '../../src/functions/features/lists.ts'
import { FEATURE_IDS } from '../../src/hosting/features.ts'
import { type Arguments, done, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, assertDone, assertFailed } from './replies.ts'
import { storedRows } from './stored.ts'

const SELLER = ['add-pkg', 'edit-pkg', 'create-acct', 'manage-api-tokens']

let server: TestServer
let admin = ''
let narrow = ''
let seller = ''
before(async () => {
  server = await startTestServer()
  admin = await server.rootToken(['all'])
  narrow = await server.rootToken(['basic-whm-functions'])
  await server.account('seller', SELLER)
  seller = await server.tokenOf('seller', SELLER)
})
after(() => server.close())

const asRoot = (command: string, args: Arguments = {}) => server.call(admin, command, args)
const lists = (): object => storedRows(server, 'select * from feature_lists order by name')

async function fails(credential: string, command: string, args: Arguments, reason: string): Promise<void> {
  const before = lists()
  assertFailed(await server.call(credential, command, args), command, reason)
  assert.deepEqual(lists(), before)
}

/** The features that are on in a list, and those that are off for everybody. */
async function held(featurelist: string, credential = admin) {
  const { data } = done(await server.call(credential, 'get_featurelist_data', { featurelist })).json
  type Row = { readonly id: string; readonly value: number; readonly is_disabled: number }
  const ids = (of: (row: Row) => number) => data.features.filter((row: Row) => of(row) === 1).map(({ id }: Row) => id)
  return { name: data.featurelist, on: ids((row) => row.value), disabled: ids((row) => row.is_disabled) }
}

async function mayUse(user: string): Promise<readonly string[]> {
  const { stores } = server.server.runtime
  const account = await stores.accounts.findAccount(user)
  assert.ok(account)
  return [...(await featuresOf(stores, account))]
}

describe('feature lists', () => {
  test('a list holds what it was made with, and nothing else', async () => {
    const args = { featurelist: 'Mail Only', popaccts: 1, forwarders: 1, mysql: 0, nosuchfeature: 1 }
    assertDone(await asRoot('create_featurelist', args), 'create_featurelist', { featurelist: 'Mail Only' })
    assert.deepEqual(await held('Mail Only'), { name: 'Mail Only', on: ['forwarders', 'popaccts'], disabled: [] })
    const update = { featurelist: 'Mail Only', webmail: 1, popaccts: 0 }
    assertDone(await asRoot('update_featurelist', update), 'update_featurelist', {
      featurelist: 'Mail Only',
      updated_features: { popaccts: 0, webmail: 1 },
      invalid_features: [],
    })
    assert.deepEqual((await held('Mail Only')).on, ['webmail'])
    assertDone(await asRoot('delete_featurelist', { featurelist: 'Mail Only' }), 'delete_featurelist', {})
    const gone = 'There is no feature list named “Mail Only”.'
    await fails(admin, 'get_featurelist_data', { featurelist: 'Mail Only' }, gone)
  })

  test('root sees all lists, a reseller their own', async () => {
    done(await asRoot('create_featurelist', { featurelist: 'roots', mysql: 1 }))
    done(await server.call(seller, 'create_featurelist', { featurelist: 'mine', mysql: 1 }))
    const of = async (credential: string, command = 'get_featurelists') =>
      done(await server.call(credential, command)).json.data.featurelists
    assert.deepEqual(await of(admin), ['default', 'disabled', 'roots', 'seller_mine'])
    assert.deepEqual(await of(seller), ['seller_mine'])
    assert.deepEqual(await of(seller, 'getfeaturelist'), ['seller_mine'])
    assert.deepEqual((await held('default', seller)).on, FEATURE_IDS)
  })

  test('what is taken, not yours or no name is refused', async () => {
    const taken = (list: string) => `There is a feature list named “${list}” already.`
    const gone = (list: string) => `There is no feature list named “${list}”.`
    await fails(admin, 'create_featurelist', { featurelist: 'roots', webmail: 1 }, taken('roots'))
    await fails(admin, 'create_featurelist', { featurelist: 'default' }, taken('default'))
    done(await asRoot('create_featurelist', { featurelist: 'roots', webmail: 1, overwrite: 1 }))
    assert.deepEqual((await held('roots')).on, ['webmail'])
    await fails(seller, 'get_featurelist_data', { featurelist: 'roots' }, gone('roots'))
    await fails(seller, 'delete_featurelist', { featurelist: 'roots' }, gone('roots'))
    await fails(seller, 'addpkg', { name: 'x', quota: 1, featurelist: 'roots' }, gone('roots'))
    await fails(admin, 'delete_featurelist', { featurelist: 'nosuch' }, gone('nosuch'))
    const bad = 'The argument “featurelist” is not valid: “a/b” cannot be the name of a feature list.'
    await fails(admin, 'create_featurelist', { featurelist: 'a/b' }, bad)
    const flag = 'The argument “mysql” is not valid: “yes” is neither 1 nor 0.'
    await fails(admin, 'create_featurelist', { featurelist: 'b', mysql: 'yes' }, flag)
  })

  test('P9: without the privilege every one of them is denied', async () => {
    const before = lists()
    for (const [command, acl] of [
      ['create_featurelist', 'add-pkg'],
      ['delete_featurelist', 'add-pkg'],
      ['update_featurelist', 'add-pkg” or “edit-pkg'],
      ['get_featurelists', 'add-pkg” or “edit-pkg'],
      ['getfeaturelist', 'add-pkg” or “edit-pkg'],
      ['get_featurelist_data', 'add-pkg” or “edit-pkg'],
    ] as const)
      assertDenied(await server.call(narrow, command, { featurelist: 'roots', mysql: 1 }), command, acl)
    assert.deepEqual(lists(), before)
  })

  test('a list that is in use stays', async () => {
    done(await asRoot('create_featurelist', { featurelist: 'used', mysql: 1 }))
    done(await asRoot('addpkg', { name: 'withlist', featurelist: 'used' }))
    const byPackage = 'The feature list “used” cannot be removed: the package “withlist” has it.'
    await fails(admin, 'delete_featurelist', { featurelist: 'used' }, byPackage)
    await server.account('hasit', undefined, { plan: 'withlist' })
    done(await asRoot('editpkg', { name: 'withlist', featurelist: 'default' }))
    await server.account('hasittoo', undefined, { featurelist: 'used' })
    const byAccounts = 'The feature list “used” cannot be removed: accounts that have it: 1.'
    await fails(admin, 'delete_featurelist', { featurelist: 'used' }, byAccounts)
  })
})

describe('what an account may use', () => {
  test('is what its list holds, and changes with the list, the package and the account', async () => {
    done(await asRoot('create_featurelist', { featurelist: 'two', mysql: 1, webmail: 1 }))
    done(await asRoot('addpkg', { name: 'twofeats', featurelist: 'two' }))
    await server.account('limited', undefined, { plan: 'twofeats' })
    await server.account('freely')
    assert.deepEqual(await mayUse('limited'), ['mysql', 'webmail'])
    assert.deepEqual(await mayUse('freely'), FEATURE_IDS)
    done(await asRoot('update_featurelist', { featurelist: 'two', webmail: 1 }))
    assert.deepEqual(await mayUse('limited'), ['webmail'])
    done(await asRoot('editpkg', { name: 'twofeats', featurelist: 'default' }))
    assert.deepEqual(await mayUse('limited'), FEATURE_IDS)
  })

  test('what “disabled” holds is off for every account, whatever its list says', async () => {
    done(await asRoot('update_featurelist', { featurelist: 'disabled', mysql: 1 }))
    assert.deepEqual((await held('default')).disabled, ['mysql'])
    assert.deepEqual(
      await mayUse('freely'),
      FEATURE_IDS.filter((id) => id !== 'mysql'),
    )
    done(await asRoot('delete_featurelist', { featurelist: 'disabled' }))
    assert.deepEqual(await mayUse('freely'), FEATURE_IDS)
  })
})
