/** The functions that came with the pages, called as any client calls them. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PRIVILEGES } from '../../src/acl/catalogue.ts'
import { done, startTestServer, type TestServer } from '../start-server.ts'
import { assertDone, assertFailed } from './replies.ts'

let server: TestServer
let admin = ''
let seller = ''
const HELD = ['list-accts', 'manage-api-tokens', 'suspend-acct']

before(async () => {
  server = await startTestServer({ settings: { timezone: 'Europe/Berlin' } })
  admin = await server.rootToken(['all'])
  await server.account('seller', HELD)
  seller = await server.tokenOf('seller', HELD)
})
after(() => server.close())

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where that is not there
async function listed(credential: string, name: string): Promise<any> {
  const { tokens } = done(await server.call(credential, 'postern_token_list')).json.data
  return tokens.find((token: { name: string }) => token.name === name)
}

describe('a note and a ticket beside a token', () => {
  test('are kept as they were typed, and stay when another thing is changed', async () => {
    const note = '<b>for the shop</b> {{7*7}} “x”'
    done(
      await server.call(seller, 'api_token_create', { token_name: 'noted', acl: 'list-accts', note, ticket: 'OPS-7' }),
    )
    assert.deepEqual([(await listed(seller, 'noted')).note, (await listed(seller, 'noted')).ticket], [note, 'OPS-7'])
    done(await server.call(seller, 'api_token_update', { token_name: 'noted', acl: 'suspend-acct' }))
    assert.equal((await listed(admin, 'noted')).note, note)
    done(await server.call(seller, 'api_token_update', { token_name: 'noted', note: '' }))
    assert.deepEqual([(await listed(seller, 'noted')).note, (await listed(seller, 'noted')).ticket], ['', 'OPS-7'])
    const [entry] = await server.audit({ function: 'api_token_update', limit: 1 })
    assert.equal(entry.details.note_changed, 'the note or ticket')
  })

  test('of 501 and 101 characters are refused, and nothing is made', async () => {
    for (const [name, value] of [
      ['note', 'n'.repeat(501)],
      ['ticket', 't'.repeat(101)],
    ] as const) {
      const reply = await server.call(seller, 'api_token_create', {
        token_name: 'long',
        acl: 'list-accts',
        [name]: value,
      })
      assert.equal(reply.json.metadata.result, 0)
      assert.match(reply.json.metadata.reason, /is longer than (500|100) characters/)
    }
    assert.equal(await listed(seller, 'long'), undefined)
  })
})

describe('postern_day_end', () => {
  test('E1: tells the second for a date, with the zone, and offers the date one year from today', async () => {
    const asked = await server.call(seller, 'postern_day_end', { date: '2026-12-31' })
    assertDone(asked, 'postern_day_end', { date: '2026-12-31', expires_at: 1798757999, timezone: 'Europe/Berlin' })
    const { date, expires_at } = done(await server.call(seller, 'postern_day_end')).json.data
    const days = (expires_at - Date.now() / 1000) / 86_400
    assert.ok(days > 364 && days < 367, date)
  })

  test('E3: says of each other form what is wrong with it', async () => {
    for (const [date, problem] of [
      ['2027-02-29', 'is not a day of the calendar'],
      ['31/12/2026', 'is not a date of the form YYYY-MM-DD'],
      ['2026-12-31T00:00', 'is not a date of the form YYYY-MM-DD'],
      ['', 'is not a date of the form YYYY-MM-DD'],
      ['2020-01-01', 'is in the past'],
    ]) {
      const reason = `The argument “date” is not valid: “${date}” ${problem}.`
      assertFailed(await server.call(seller, 'postern_day_end', { date: date ?? '' }), 'postern_day_end', reason)
    }
  })
})

test('postern_ip_rules_check tells line by line what is wrong, what was widened, and which addresses get in', async () => {
  const rules = ['10.5.3.7/24', '', '010.0.0.1', '12AB::/60', '<b>'].join('\n')
  const reply = await server.call(seller, 'postern_ip_rules_check', { rules, address: ['10.5.3.200', '192.0.2.1'] })
  const { lines, covers, allows } = done(reply).json.data
  assert.deepEqual(lines, [
    { line: 1, given: '10.5.3.7/24', rule: '10.5.3.0/24', problem: null, is_widened: 1 },
    { line: 3, given: '010.0.0.1', rule: null, problem: 'has a leading zero in “010”', is_widened: 0 },
    { line: 4, given: '12AB::/60', rule: '12ab:0000:0000:0000:0000:0000:0000:0000/60', problem: null, is_widened: 0 },
    { line: 5, given: '<b>', rule: null, problem: 'is not an IP address or a CIDR range', is_widened: 0 },
  ])
  assert.equal(covers, 'some')
  assert.deepEqual(allows, [
    { address: '10.5.3.200', allowed: 1 },
    { address: '192.0.2.1', allowed: 0 },
  ])
  const excepted = { rules: '10.0.0.0/8\n!10.5.3.7', address: ['10.5.3.7', '10.5.3.8'] }
  const { data } = done(await server.call(seller, 'postern_ip_rules_check', excepted)).json
  assert.deepEqual([data.covers, data.allows.map(({ allowed }: { allowed: number }) => allowed)], ['some', [0, 1]])
  const nobody = done(await server.call(seller, 'postern_ip_rules_check', { rules: '!10.5.3.7' })).json.data
  assert.equal(nobody.covers, 'none')
  const none = done(await server.call(seller, 'postern_ip_rules_check', { rules: ' \n', address: '192.0.2.1' })).json
    .data
  assert.deepEqual([none.lines, none.allows[0].allowed], [[], 1])
})

test('postern_token_list says without the map what each token holds', async () => {
  done(await server.call(seller, 'api_token_create', { token_name: 'short', acl: HELD }))
  const { tokens } = done(await server.call(seller, 'postern_token_list', { short: 1 })).json.data
  const token = tokens.find(({ name }: { name: string }) => name === 'short')
  assert.deepEqual([token.privileges.toSorted(), 'acls' in token, token.pause_reason], [HELD, false, ''])
})

describe('postern_privilege_list', () => {
  type Listed = {
    readonly acl: string
    readonly may_give: number
    readonly functions: readonly { name: string; changes: number }[]
  }
  const list = async (credential: string): Promise<readonly Listed[]> =>
    done(await server.call(credential, 'postern_privilege_list')).json.data.privileges

  test('names every privilege, and marks those that the caller may give', async () => {
    const forSeller = await list(seller)
    assert.deepEqual(
      forSeller.map(({ acl }) => acl),
      PRIVILEGES.map(({ acl }) => acl),
    )
    assert.deepEqual(
      forSeller
        .filter(({ may_give }) => may_give === 1)
        .map(({ acl }) => acl)
        .sort(),
      HELD,
    )
    assert.ok((await list(admin)).every(({ may_give }) => may_give === 1))
  })

  test('tells which served functions each opens, and whether they change anything', async () => {
    const suspend = (await list(seller)).find(({ acl }) => acl === 'suspend-acct')
    assert.deepEqual(
      suspend?.functions.map(({ name, changes }) => [name, changes]),
      [
        ['listsuspended', 0],
        ['suspendacct', 1],
        ['unsuspendacct', 1],
      ],
    )
    const denied = await server.call(await server.rootToken(['ssl']), 'postern_privilege_list')
    assert.equal(denied.status, 403)
    assert.match(denied.json.metadata.reason, /requires the privilege “manage-api-tokens” or “basic-whm-functions”/)
  })
})

test('preferences are each user’s own, and what is left out stays', async () => {
  assertDone(await server.call(seller, 'postern_preferences_get'), 'postern_preferences_get', { hide_secrets: 0 })
  assertDone(await server.call(seller, 'postern_preferences_set', { hide_secrets: 1 }), 'postern_preferences_set', {
    hide_secrets: 1,
  })
  assertDone(await server.call(seller, 'postern_preferences_set'), 'postern_preferences_set', { hide_secrets: 1 })
  assertDone(await server.call(admin, 'postern_preferences_get'), 'postern_preferences_get', { hide_secrets: 0 })
})

describe('postern_token_revoke', () => {
  const made = async (name: string) => {
    const reply = await server.call(seller, 'api_token_create', { token_name: name, acl: 'list-accts' })
    return { id: (await listed(seller, name)).postern_id, credential: `seller:${done(reply).json.data.token}` }
  }

  test('ends a token at once; root, signed in, ends everybody’s', async () => {
    const [mine, theirs] = [await made('ends-mine'), await made('ends-theirs')]
    assertDone(await server.call(seller, 'postern_token_revoke', { token_id: mine.id }), 'postern_token_revoke', {})
    assertDone(await server.root('postern_token_revoke', { token_id: theirs.id }), 'postern_token_revoke', {})
    for (const { credential } of [mine, theirs]) assert.equal((await server.call(credential, 'listaccts')).status, 403)
  })

  test('of another user’s token does nothing, and answers as if there were none', async () => {
    const other = (await listed(seller, 'noted')).postern_id
    const roots = done(await server.root('postern_token_list', { owner: 'root' })).json.data.tokens[0].postern_id
    const reason = `You have no API token named “${roots}”.`
    assertFailed(await server.call(seller, 'postern_token_revoke', { token_id: roots }), 'postern_token_revoke', reason)
    assert.equal((await server.call(admin, 'version')).status, 200)
    // A token of root's is for root's own tokens.
    const refused = await server.call(admin, 'postern_token_revoke', { token_id: other })
    assert.equal(refused.json.metadata.result, 0)
    assert.notEqual(await listed(seller, 'noted'), undefined)
  })
})
