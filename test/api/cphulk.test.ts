/** The functions of brute-force protection under WHM's names: their shapes, and that each has its effect. */
import assert from 'node:assert/strict'
import { Agent } from 'node:https'
import { after, before, test } from 'node:test'
import { makeSecret } from '../../src/tokens/secret.ts'
import { type Arguments, done, type Reply, startTestServer, type TestServer } from '../start-server.ts'

let server: TestServer

before(async () => {
  server = await startTestServer({ settings: { ignoreSelf: 'off', timezone: 'UTC' } })
})
after(() => server.close())

const data = async (functionName: string, args: Arguments = {}) => done(await server.root(functionName, args)).json.data

const reasonOf = async (functionName: string, args: Arguments = {}): Promise<string> => {
  const reply = await server.root(functionName, args)
  assert.equal(reply.json.metadata.result, 0)
  return reply.json.metadata.reason
}

function attempt(address: string, credential = `root:${makeSecret('PSW')}`): Promise<Reply> {
  const agent = new Agent({ localAddress: address })
  return server.send('/json-api/version?api.version=1', { headers: { authorization: `whm ${credential}` }, agent })
}

/** Five old tokens ban an address. */
async function ban(address: string): Promise<void> {
  for (let n = 0; n < 5; n += 1) await attempt(address)
  assert.equal((await attempt(address)).status, 429)
}

const MOMENT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/

test('cphulk_status, enable_cphulk and disable_cphulk: while it is off nothing is counted and nobody is banned', async () => {
  assert.deepEqual(await data('cphulk_status'), { is_enabled: 1, service: 'cPHulk' })
  await ban('127.1.0.1')
  assert.deepEqual(await data('disable_cphulk'), {})
  assert.deepEqual(await data('cphulk_status'), { is_enabled: 0, service: 'cPHulk' })
  for (let n = 0; n < 12; n += 1) assert.equal((await attempt('127.1.0.1')).status, 403)
  assert.deepEqual(await data('enable_cphulk'), {})
  assert.equal((await attempt('127.1.0.1')).status, 429)
})

test('the record functions say that cPHulk is disabled, unless they are told to skip the check', async () => {
  await data('disable_cphulk')
  const args = { list_name: 'white', ip: '198.51.100.1' }
  for (const name of ['read_cphulk_records', 'create_cphulk_record', 'delete_cphulk_record'])
    assert.equal(await reasonOf(name, args), 'cPHulk is disabled on the server.')
  await data('create_cphulk_record', { ...args, skip_enabled_check: 1 })
  await data('delete_cphulk_record', { ...args, skip_enabled_check: 1 })
  await data('enable_cphulk')
})

test('load_cphulk_config has every key, and save_cphulk_config changes what it is given and keeps the rest', async () => {
  const { cphulk_config: before } = await data('load_cphulk_config')
  assert.deepEqual(before, {
    is_enabled: 1,
    ip_based_protection: 1,
    username_based_protection: 1,
    username_based_protection_local_origin: 0,
    username_based_protection_for_root: 1,
    brute_force_period_mins: 5,
    brute_force_period_sec: 300,
    ip_brute_force_period_mins: 15,
    ip_brute_force_period_sec: 900,
    lookback_period_min: 360,
    lookback_time: 21600,
    max_failures: 100,
    max_failures_byip: 10,
    mark_as_brute: 30,
    notify_on_root_login: 0,
    notify_on_root_login_for_known_netblock: 0,
    notify_on_brute: 1,
    block_brute_force_with_firewall: 0,
    block_excessive_brute_force_with_firewall: 0,
    can_temp_ban_firewall: 0,
    command_to_run_on_brute_force: '',
    command_to_run_on_excessive_brute_force: '',
  })
  const saved = await data('save_cphulk_config', { max_failures_byip: 2, ip_brute_force_period_sec: 1200 })
  const after = { ...before, max_failures_byip: 2, ip_brute_force_period_mins: 20, ip_brute_force_period_sec: 1200 }
  assert.deepEqual(saved.cphulk_config, after)
  assert.deepEqual((await data('load_cphulk_config')).cphulk_config, after)
  await attempt('127.1.0.2')
  const banned = await attempt('127.1.0.2')
  assert.equal(banned.status, 429)
  assert.ok(Number(banned.headers['retry-after']) > 1190)
  assert.deepEqual(await data('set_cphulk_config_key', { key: 'max_failures_byip', value: 10 }), {})
  await data('set_cphulk_config_key', { key: 'ip_brute_force_period_mins', value: 15 })
  assert.deepEqual((await data('load_cphulk_config')).cphulk_config, before)
  const entries = await server.audit({ function: 'set_cphulk_config_key', limit: 1 })
  assert.deepEqual(entries[0].details, { changed: ['banMinutes: 20 → 15'] })
})

test('what the configuration cannot hold is refused by name, and firewalls and commands are left to Fail2Ban', async () => {
  for (const [key, value, problem] of [
    ['max_failures_byip', '0', 'is not a whole number from 1 to 1000'],
    ['max_failures', '101', 'is not a whole number from 1 to 100'],
    ['is_enabled', 'yes', 'is neither 1 nor 0'],
    ['lookback_time', '61', 'is not a whole number of minutes from 1 to 43200'],
    ['command_to_run_on_brute_force', '/bin/true', 'is not offered: firewalls and commands are left to Fail2Ban'],
    ['block_brute_force_with_firewall', '1', 'is not offered: firewalls and commands are left to Fail2Ban'],
    ['country_blacklist', 'xx', 'is no key of the configuration'],
    ['constructor', '', 'is no key of the configuration'],
  ] as const) {
    const reason = await reasonOf('set_cphulk_config_key', { key, value })
    assert.ok(reason.includes(problem), reason)
  }
})

test('create_cphulk_record, read and delete: white is never banned, black never let in, and what cannot be read is told', async () => {
  await ban('127.1.0.3')
  const added = await data('create_cphulk_record', {
    ip: ['127.1.0.3', '198.51.100.7-198.51.100.9', '2001:db8::1/64', '10.1'],
    list_name: 'white',
    comment: 'the office',
  })
  assert.deepEqual(added, {
    list_name: 'white',
    ips_added: ['127.1.0.3', '198.51.100.7', '198.51.100.8/31', '2001:0db8:0000:0000:0000:0000:0000:0000/64'],
    ips_failed: { '10.1': 'Invalid IP address or range: "10.1"' },
    original_ips_added: ['127.1.0.3', '198.51.100.7-198.51.100.9', '2001:db8::1/64'],
    ip_blocks_removed: 1,
    iptable_bans_removed: 0,
    requester_ip: '127.0.0.1',
    requester_ip_is_whitelisted: 0,
    comment: 'the office',
  })
  for (let n = 0; n < 12; n += 1) assert.equal((await attempt('127.1.0.3')).status, 403)
  const { ips_in_list: list, ...about } = await data('read_cphulk_records', { list_name: 'white' })
  assert.deepEqual(about, { list_name: 'white', requester_ip: '127.0.0.1', requester_ip_is_whitelisted: 0 })
  assert.equal(list['127.1.0.3'], 'the office')
  assert.equal(Object.keys(list).length, 4)
  const removed = await data('delete_cphulk_record', { ip: ['127.1.0.3', '203.0.113.1'], list_name: 'white' })
  assert.deepEqual([removed.ips_removed, Object.keys(removed.ips_failed)], [['127.1.0.3'], ['203.0.113.1']])

  const good = await server.rootToken(['basic-whm-functions'], { whitelist_ip: ['127.1.0.4', '127.1.0.5'] })
  await data('create_cphulk_record', { ip: '127.1.0.4', list_name: 'black' })
  const denied = await attempt('127.1.0.4', good)
  assert.equal(denied.status, 403)
  assert.equal(denied.body, (await attempt('127.1.0.6', 'root:x')).body)
  const agent = new Agent({ localAddress: '127.1.0.4' })
  assert.equal((await server.send('/', { agent })).status, 403)
  assert.equal((await server.send('/healthz', { agent })).status, 200)
  assert.equal((await attempt('127.1.0.5', good)).status, 200)
  await data('delete_cphulk_record', { ip: '127.1.0.4', list_name: 'black' })
  assert.equal((await attempt('127.1.0.4', good)).status, 200)
  assert.match(await reasonOf('create_cphulk_record', { ip: 'nowhere', list_name: 'black' }), /“nowhere”/)
  assert.match(
    await reasonOf('create_cphulk_record', { ip: '192.0.2.1', list_name: 'grey' }),
    /neither white nor black/,
  )
})

test('batch_create_cphulk_records takes a JSON list with a comment for each, and the same as text in a form', async () => {
  const records = [
    { ip: '198.51.100.20', comment: 'one' },
    { ip: '198.51.100.32/28', comment: 'many' },
    { ip: '300.1.1.1' },
  ]
  const credential = await server.rootToken(['all'])
  const reply = await server.send('/json-api/batch_create_cphulk_records', {
    method: 'POST',
    headers: { authorization: `whm ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify({ 'api.version': 1, list_name: 'black', records }),
  })
  const batch = done(reply).json.data
  assert.deepEqual(batch.ips_added, ['198.51.100.20', '198.51.100.32/28'])
  assert.deepEqual(Object.keys(batch.ips_failed), ['300.1.1.1'])
  const { ips_in_list: list } = await data('read_cphulk_records', { list_name: 'black' })
  assert.deepEqual(list, { '198.51.100.20': 'one', '198.51.100.32/28': 'many' })
  await data('batch_create_cphulk_records', { list_name: 'black', records: JSON.stringify([{ ip: '198.51.100.21' }]) })
  assert.match(await reasonOf('batch_create_cphulk_records', { list_name: 'black', records: '[]' }), /“records”/)
  assert.match(await reasonOf('batch_create_cphulk_records', { list_name: 'black', records: '[1]' }), /“records”/)
  const all = ['198.51.100.20', '198.51.100.21', '198.51.100.32/28']
  assert.deepEqual((await data('delete_cphulk_record', { ip: all, list_name: 'black' })).ips_failed, {})
})

test('get_cphulk_brutes and get_cphulk_failed_logins list bans and attempts, and the flushes end them', async () => {
  await data('flush_cphulk_login_history')
  await ban('127.1.0.8')
  await ban('127.1.0.9')
  const { brutes } = await data('get_cphulk_brutes')
  assert.deepEqual(brutes.map(({ ip }: { ip: string }) => ip).sort(), ['127.1.0.8', '127.1.0.9'])
  assert.deepEqual(Object.keys(brutes[0]), ['ip', 'logintime', 'exptime', 'timeleft', 'notes'])
  assert.match(brutes[0].logintime, MOMENT)
  assert.match(brutes[0].exptime, MOMENT)
  assert.equal(brutes[0].timeleft, 15)
  assert.match(brutes[0].notes, /^5 failed attempts, the last one for the user “root”$/)
  assert.deepEqual((await data('get_cphulk_excessive_brutes')).excessive_brutes, [])
  const { failed_logins: failed } = await data('get_cphulk_failed_logins')
  assert.equal(failed.length, 10)
  const { logintime, exptime, ...first } = failed[0]
  assert.deepEqual(first, {
    user: 'root',
    ip: '127.1.0.9',
    service: 'whostmgrd',
    authservice: 'token',
    timeleft: 5,
  })
  assert.match(logintime, MOMENT)
  assert.match(exptime, MOMENT)
  // Five attempts and the ban.
  assert.deepEqual(await data('flush_cphulk_login_history_for_ips', { ip: '127.1.0.8' }), {
    records_removed: 6,
    iptable_bans_removed: 0,
  })
  assert.equal((await attempt('127.1.0.8')).status, 403)
  assert.equal((await attempt('127.1.0.9')).status, 429)
  assert.deepEqual(await data('flush_cphulk_login_history'), { records_removed: 7 })
  assert.equal((await attempt('127.1.0.9')).status, 403)
  assert.deepEqual((await data('get_cphulk_brutes')).brutes, [])
})

test('get_cphulk_user_brutes lists whose password is being guessed', async () => {
  await server.account('erin', ['basic-whm-functions'])
  const authorization = `Basic ${Buffer.from('erin:wrong').toString('base64')}`
  for (let n = 0; n < 5; n += 1)
    await server.send('/json-api/applist', {
      headers: { authorization },
      agent: new Agent({ localAddress: `127.1.1.${n}` }),
    })
  const { user_brutes: users } = await data('get_cphulk_user_brutes')
  assert.equal(users.length, 1)
  const { logintime, exptime, timeleft, ...rest } = users[0]
  assert.deepEqual(rest, {
    user: 'erin',
    ip: '127.1.1.4',
    service: 'whostmgrd',
    authservice: 'password',
    notes: '5 failures in a row',
  })
  assert.match(logintime, MOMENT)
  assert.match(exptime, MOMENT)
  assert.equal(timeleft, 1)
})

test('without everything the functions are refused, to a reseller and to a token', async () => {
  const token = await server.rootToken(['manage-api-tokens', 'list-accts'])
  for (const name of ['cphulk_status', 'load_cphulk_config', 'get_cphulk_brutes', 'flush_cphulk_login_history'])
    assert.equal((await server.call(token, name)).status, 403)
})
