/** Resellers: setupreseller, unsetupreseller, listresellers, saveacllist, listacls, setacls, and who may reach whose accounts. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { INITIAL_PRIVILEGES, LEGACY_PRIVILEGES, PRIVILEGE_NAMES } from '../../src/acl/catalogue.ts'
import { done, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, assertDone, assertFailed } from './replies.ts'
import { accountState, trailMark, trailSince } from './stored.ts'

let server: TestServer
/** A token of root with every privilege but `all`: nothing in this file is open to it. */
let nearlyAll = ''
before(async () => {
  server = await startTestServer()
  nearlyAll = await server.rootToken(PRIVILEGE_NAMES.filter((acl) => acl !== 'all'))
})
after(() => server.close())

async function fails(command: string, args: Parameters<TestServer['root']>[1], reason: string): Promise<void> {
  const state = accountState(server)
  assertFailed(await server.root(command, args), command, reason)
  assert.deepEqual(accountState(server), state)
}

async function denied(command: string, args: Parameters<TestServer['root']>[1]): Promise<void> {
  const state = accountState(server)
  assertDenied(await server.call(nearlyAll, command, args), command, 'all')
  assert.deepEqual(accountState(server), state)
}

/** What a token of the reseller with all that it holds may do. */
async function held(user: string): Promise<readonly string[]> {
  const secret = await server.tokenOf(user, [])
  const [map] = done(await server.call(secret, 'myprivs')).json.data.privileges
  return Object.keys(map).filter((acl) => map[acl] === 1)
}

describe('setupreseller and unsetupreseller', () => {
  test('setupreseller gives the Initial Privileges, once, and repeating it changes nothing', async () => {
    await server.account('fresh')
    const mark = await trailMark(server)
    assertDone(await server.root('setupreseller', { user: 'Fresh', makeowner: 0 }), 'setupreseller', {})
    assert.deepEqual(await held('fresh'), INITIAL_PRIVILEGES)
    const [entry] = await trailSince(server, mark)
    assert.deepEqual(entry?.details, { privileges_added: INITIAL_PRIVILEGES })
    done(await server.root('setacls', { reseller: 'fresh', 'acl-list-accts': 1, 'acl-manage-api-tokens': 1 }))
    const state = accountState(server)
    assertDone(await server.root('setupreseller', { user: 'fresh' }), 'setupreseller', {})
    assert.deepEqual(accountState(server), state)
  })

  test('makeowner makes the account its own', async () => {
    await server.account('ownself')
    done(await server.root('setupreseller', { user: 'ownself', makeowner: 1 }))
    assert.equal(done(await server.root('accountsummary', { user: 'ownself' })).json.data.acct[0].owner, 'ownself')
  })

  test('unsetupreseller takes every privilege at once, and leaves the accounts where they are', async () => {
    await server.account('former', ['list-accts', 'manage-api-tokens'])
    await server.account('formers', undefined, { owner: 'former' })
    const token = await server.tokenOf('former', ['list-accts'])
    const reply = done(await server.root('unsetupreseller', { user: 'former' }))
    const warning = '1 API token of “former” can no longer use privileges that were taken away; this holds from now on.'
    assert.deepEqual(reply.json.metadata.output.warnings, [warning])
    assert.equal((await server.call(token, 'listaccts')).status, 403)
    assert.ok(!done(await server.root('listresellers')).json.data.reseller.includes('former'))
    assert.equal(done(await server.root('accountsummary', { user: 'formers' })).json.data.acct[0].owner, 'former')
  })

  test('a missing or unknown account is refused, and only root with everything may', async () => {
    await server.account('simple')
    await fails('setupreseller', {}, 'The argument “user” is required.')
    await fails('setupreseller', { user: 'ghost' }, 'You have no account named “ghost”.')
    await fails('setupreseller', { user: 'root' }, 'You have no account named “root”.')
    await fails('unsetupreseller', { user: 'simple' }, 'There is no reseller named “simple”.')
    await denied('setupreseller', { user: 'simple' })
    await denied('unsetupreseller', { user: 'simple' })
    await denied('listresellers', {})
  })
})

describe('setacls', () => {
  test('replaces the whole set, tells what that narrows, and the trail has the difference', async () => {
    await server.account('changing', ['list-accts', 'kill-acct', 'basic-whm-functions', 'manage-api-tokens'])
    const token = await server.tokenOf('changing', ['kill-acct', 'basic-whm-functions'])
    const mark = await trailMark(server)
    const acls = { 'acl-create-acct': 1, 'acl-list-accts': 0, 'acl-basic-whm-functions': 1, 'acl-manage-api-tokens': 1 }
    const reply = done(await server.root('setacls', { reseller: 'changing', ...acls }))
    assert.match(reply.json.metadata.output.warnings[0], /^1 API token of “changing”/)
    assert.deepEqual(await held('changing'), ['basic-whm-functions', 'manage-api-tokens', 'create-acct'])
    assertDenied(await server.call(token, 'removeacct', { user: 'changing' }), 'removeacct', 'kill-acct')
    const [entry] = await trailSince(server, mark)
    const details = {
      privileges_added: ['create-acct'],
      privileges_removed: ['list-accts', 'kill-acct'],
      tokens_narrowed: 1,
    }
    assert.deepEqual({ ...entry?.details }, details)
  })

  test('never strips a reseller because a form came empty', async () => {
    await server.account('kept', ['list-accts', 'manage-api-tokens'])
    const reason =
      'Nothing was changed: the arguments name no privilege, and that would strip every privilege from “kept”. If you mean it, add postern_remove_all=1.'
    await fails('setacls', { reseller: 'kept' }, reason)
    await fails('setacls', { reseller: 'kept', acllist: '' }, reason)
    await fails('setacls', { reseller: 'kept', 'acl-list-accts': 0 }, reason)
    await fails('setacls', { reseller: 'kept', 'acl-frontpage': 1 }, reason)
    done(await server.root('saveacllist', { acllist: 'empty list' }))
    await fails('setacls', { reseller: 'kept', acllist: 'empty list' }, reason)
    done(await server.root('setacls', { reseller: 'kept', postern_remove_all: 1 }))
    assert.ok(done(await server.root('listresellers')).json.data.reseller.includes('kept'))
  })

  test('a saved list gives its privileges, and cannot stand beside single ones', async () => {
    await server.account('listed', ['list-accts', 'manage-api-tokens'])
    const saved = await server.root('saveacllist', { acllist: 'Shop keepers', 'acl-passwd': 1, 'acl-list-pkgs': 1 })
    assertDone(saved, 'saveacllist', {}, 'ACL List Shop keepers saved.')
    const { acl } = done(await server.root('listacls')).json.data
    const list = acl.find(({ name }: { name: string }) => name === 'Shop keepers')
    assert.deepEqual(Object.keys(list.privileges), PRIVILEGE_NAMES)
    assert.equal(list.privileges.passwd, 1)
    assert.equal(list.privileges['kill-acct'], 0)
    const both = 'The arguments do not fit together: give either “acllist” or “acl-…”, not both.'
    await fails('setacls', { reseller: 'listed', acllist: 'Shop keepers', 'acl-passwd': 1 }, both)
    await fails('setacls', { reseller: 'listed', acllist: 'No such' }, 'There is no ACL list named “No such”.')
    done(await server.root('setacls', { reseller: 'Listed', acllist: 'Shop keepers' }))
    const rows = accountState(server) as { users: readonly { name: string; privileges: string }[] }
    assert.equal(rows.users.find(({ name }) => name === 'listed')?.privileges, '["list-pkgs","passwd"]')
  })

  test('all, unknown names and look-alikes are refused, and privileges that WHM gave up give nothing', async () => {
    await server.account('asking', ['list-accts'])
    await fails('setacls', { reseller: 'asking', 'acl-all': 1 }, 'The privilege “all” is for root alone.')
    await fails('saveacllist', { acllist: 'x', 'acl-all': 1 }, 'The privilege “all” is for root alone.')
    await fails('setacls', { reseller: 'asking', 'acl-Passwd': 1 }, 'There is no privilege named “Passwd”.')
    const like = (argument: string) =>
      `The argument “${argument}” is not understood. Did you mean “acl”? It was refused because ignoring it could do more than you meant.`
    await fails('setacls', { reseller: 'asking', 'acl-passwd': 1, acl_passwd: 1 }, like('acl_passwd'))
    await fails('setacls', { reseller: 'asking', 'acl-passwd': 1, 'acl[passwd]': 1 }, like('acl[passwd]'))
    await fails('setacls', { reseller: 'ghost', 'acl-passwd': 1 }, 'There is no reseller named “ghost”.')
    await denied('setacls', { reseller: 'asking', 'acl-passwd': 1 })
    await denied('saveacllist', { acllist: 'x', 'acl-passwd': 1 })
    await denied('listacls', {})
    const old = Object.fromEntries(LEGACY_PRIVILEGES.map((acl) => [`acl-${acl}`, 1]))
    const reply = done(await server.root('setacls', { reseller: 'asking', 'acl-list-accts': 1, ...old }))
    assert.equal(reply.json.metadata.output.warnings.length, LEGACY_PRIVILEGES.length)
  })
})

describe('ownership', () => {
  const ACLS = [
    'acct-summary',
    'list-accts',
    'suspend-acct',
    'kill-acct',
    'edit-account',
    'passwd',
    'manage-api-tokens',
  ]
  const tokens: Record<string, string> = {}
  before(async () => {
    for (const [reseller, account] of [
      ['alpha', 'alphacust'],
      ['beta', 'betacust'],
    ] as const) {
      await server.account(reseller, ACLS)
      await server.account(account, undefined, { owner: reseller })
      tokens[reseller] = await server.tokenOf(reseller, ACLS)
    }
  })
  const as = (reseller: string, command: string, args: Parameters<TestServer['root']>[1]): Promise<Reply> =>
    server.call(tokens[reseller] ?? '', command, args)

  test('P8: of two resellers neither reaches the accounts of the other, by no function and no argument', async () => {
    for (const [mine, theirs] of [
      ['alpha', 'beta'],
      ['beta', 'alpha'],
    ] as const) {
      const state = accountState(server)
      const calls: readonly (readonly [string, string, object])[] = [
        ['accountsummary', 'user', {}],
        ['suspendacct', 'user', {}],
        ['unsuspendacct', 'user', {}],
        ['modifyacct', 'user', { newuser: 'stolen' }],
        ['passwd', 'user', { password: 'a new password' }],
        ['removeacct', 'username', {}],
      ]
      for (const [command, name, args] of calls) {
        const foreign = await as(mine, command, { [name]: `${theirs}cust`, ...args })
        assertFailed(foreign, command, `You have no account named “${theirs}cust”.`)
        // Not even the reseller's own account, which root owns.
        assertFailed(
          await as(mine, command, { [name]: mine, ...args }),
          command,
          `You have no account named “${mine}”.`,
        )
      }
      assert.deepEqual(accountState(server), state)
    }
  })

  test('P8: “not yours” and “does not exist” are one answer, by name and by domain', async () => {
    const shape = (reply: Reply, text: string) => [reply.status, reply.body.replaceAll(text, 'X')]
    const byName = async (user: string) => shape(await as('alpha', 'accountsummary', { user }), user)
    assert.deepEqual(await byName('betacust'), await byName('ghost'))
    const byDomain = async (domain: string) => shape(await as('alpha', 'accountsummary', { domain }), domain)
    assert.deepEqual(await byDomain('betacust.example.com'), await byDomain('ghost.example.com'))
    const mixed = async (domain: string) =>
      shape(await as('alpha', 'accountsummary', { user: 'alphacust', domain }), domain)
    assert.deepEqual(await mixed('betacust.example.com'), await mixed('ghost.example.com'))
  })

  test('P8: no list, search or filter shows the accounts of another', async () => {
    const names = async (args: Parameters<TestServer['root']>[1]) =>
      done(await as('alpha', 'listaccts', args)).json.data.acct.map(({ user }: { user: string }) => user)
    assert.deepEqual(await names({}), ['alphacust'])
    assert.deepEqual(await names({ search: 'beta', searchtype: 'owner' }), [])
    assert.deepEqual(await names({ search: 'betacust', searchtype: 'user', searchmethod: 'exact' }), [])
    const filter = { 'api.filter.enable': 1, 'api.filter.a.field': 'user', 'api.filter.a.arg0': 'beta' }
    assert.deepEqual(await names(filter), [])
    assertDone(await as('alpha', 'list_users', {}), 'list_users', { users: ['alpha', 'alphacust'] })
  })

  test('P8: the tokens of another are neither found, changed nor ended', async () => {
    done(await as('beta', 'api_token_create', { token_name: 'betas', acl: 'list-accts' }))
    const secret = (tokens.beta ?? '').slice('beta:'.length)
    const state = accountState(server)
    const none = 'You have no API token named “betas”.'
    const update = await as('alpha', 'api_token_update', { token_name: 'betas', new_name: 'mine' })
    assertFailed(update, 'api_token_update', none)
    assertFailed(await as('alpha', 'api_token_revoke', { token_name: 'betas' }), 'api_token_revoke', none)
    const details = await server.send(`/json-api/api_token_get_details?api.version=1`, {
      method: 'POST',
      headers: { authorization: `whm ${tokens.alpha}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: `token=${secret}`,
    })
    assert.doesNotMatch(details.body, /acls|whitelist_ips|create_time/)
    assert.deepEqual(accountState(server), state)
  })

  test('an account that changes hands is out of reach of its old owner with the next call', async () => {
    await server.account('traded', undefined, { owner: 'alpha' })
    done(await as('alpha', 'accountsummary', { user: 'traded' }))
    done(await server.root('modifyacct', { user: 'traded', owner: 'beta' }))
    const gone = 'You have no account named “traded”.'
    assertFailed(await as('alpha', 'accountsummary', { user: 'traded' }), 'accountsummary', gone)
    done(await as('beta', 'accountsummary', { user: 'traded' }))
  })
})

describe('postern_reseller_list and postern_reseller_preview', () => {
  test('the list has the privileges, accounts and tokens of each reseller', async () => {
    await server.account('counted', ['list-accts', 'manage-api-tokens'])
    await server.account('countedone', undefined, { owner: 'counted' })
    await server.tokenOf('counted', ['list-accts'])
    const { resellers } = done(await server.root('postern_reseller_list')).json.data
    assert.deepEqual(
      resellers.find(({ user }: { user: string }) => user === 'counted'),
      {
        user: 'counted',
        privileges: ['manage-api-tokens', 'list-accts'],
        nameservers: [],
        suspended: 0,
        accounts: 1,
        tokens: 1,
      },
    )
    await denied('postern_reseller_list', {})
  })

  test('a preview tells what setacls then does, and changes nothing itself', async () => {
    await server.account('planned', ['list-accts', 'kill-acct', 'manage-api-tokens'])
    const used = await server.tokenOf('planned', ['list-accts', 'kill-acct'], { token_name: 'loses-one' })
    await server.tokenOf('planned', ['kill-acct'], { token_name: 'loses-all' })
    await server.tokenOf('planned', ['list-accts'], { token_name: 'loses-none' })
    done(await server.call(used, 'listaccts'))
    const wanted = { reseller: 'planned', 'acl-list-accts': 1, 'acl-create-acct': 1, 'acl-manage-api-tokens': 1 }
    const state = accountState(server)
    const { data } = done(await server.root('postern_reseller_preview', wanted)).json
    assert.deepEqual(accountState(server), state)
    assert.deepEqual([data.added, data.removed], [['create-acct'], ['kill-acct']])
    assert.deepEqual(
      data.tokens.map(({ name, loses, keeps }: Record<string, unknown>) => [name, loses, keeps]).sort(),
      [
        ['loses-all', ['kill-acct'], 0],
        ['loses-one', ['kill-acct'], 1],
      ],
    )
    const reply = done(await server.root('setacls', wanted)).json
    assert.match(reply.metadata.output.warnings[0], /^2 API tokens of “planned”/)
    const { resellers } = done(await server.root('postern_reseller_list')).json.data
    const now = resellers.find(({ user }: { user: string }) => user === 'planned')
    assert.deepEqual(now.privileges, data.privileges)
  })

  test('a preview refuses what setacls refuses, and is for root', async () => {
    await server.account('asked', ['list-accts'])
    await fails('postern_reseller_preview', { reseller: 'ghost' }, 'There is no reseller named “ghost”.')
    await fails(
      'postern_reseller_preview',
      { reseller: 'asked', 'acl-all': 1 },
      'The privilege “all” is for root alone.',
    )
    await fails(
      'postern_reseller_preview',
      { reseller: 'asked', acllist: 'none' },
      'There is no ACL list named “none”.',
    )
    await denied('postern_reseller_preview', { reseller: 'asked' })
  })
})
