/** Names of tokens through the API. What a page makes of them (a warning, the order of a list) is tested with the page. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { done } from '../start-server.ts'
import {
  assertFailed,
  assertRefused,
  freshName,
  listed,
  make,
  onEachDatabase,
  post,
  postJson,
} from './token-servers.ts'

const run = promisify(execFile)
const MAIN = join(import.meta.dirname, '../../src/main.ts')

onEachDatabase({}, ({ server, admin }) => {
  const create = (token_name: string, credential = admin()) =>
    post(server(), credential, 'api_token_create', { token_name, acl: 'basic-whm-functions' })

  test('N1: a name has 1 to 50 characters, counted as characters and not as bytes', async () => {
    for (const name of ['a', 'b'.repeat(50)]) assert.equal(done(await create(name)).json.data.name, name)
    assertFailed(await create(''), /“token_name” is not valid: “” is empty/)
    assertFailed(await create('c'.repeat(51)), /is longer than 50 characters/)
    assertFailed(await create('é'.repeat(50)), /may hold only letters, digits/)
    assertFailed(await post(server(), admin(), 'api_token_create', { acl: 'all' }), /“token_name” is required/)
  })

  test('N2: of all ASCII characters only letters, digits, dash and underscore make a name', async () => {
    const before = new Set(Object.keys(await listed(server(), admin())))
    const wanted: string[] = []
    for (let code = 0; code < 128; code += 1) {
      const character = String.fromCharCode(code)
      const name = `x${character}${code}`
      const reply = await create(name)
      if (/[A-Za-z0-9_-]/.test(character)) {
        assert.equal(done(reply).json.data.name, name)
        wanted.push(name)
      } else assertFailed(reply, /“token_name” is not valid/, `character ${code}`)
    }
    const made = Object.keys(await listed(server(), admin())).filter((name) => !before.has(name))
    assert.deepEqual(made.sort(), wanted.sort())
  })

  test('N2: no line end, blank or dot gets in; a leading dash or underscore is an ordinary character', async () => {
    for (const name of ['end\n', 'end\r\n', '\nstart', ' start', 'end ', '..', '.', 'a/b', 'a\tb', 'a\u0000']) {
      assertFailed(await create(name), /“token_name” is not valid/, JSON.stringify(name))
    }
    for (const name of ['-', '_', '-lead', '_lead', '--help', '-rf', '--data']) done(await create(name))
  })

  test('N2: names that look like options are harmless on the command line', async () => {
    for (const token_name of ['--version', '-h']) {
      const { credential } = await make(server(), admin(), { token_name })
      const args = ['--data', server().folder, '--output=json', 'api_token_revoke', `token_name=${token_name}`]
      const { stdout } = await run(process.execPath, [MAIN, 'whmapi1', ...args])
      assert.equal(JSON.parse(stdout).metadata.result, 1)
      assertRefused(await server().call(credential, 'version'))
    }
  })

  test('N3: look-alike letters, invisible marks and emoji make no name', async () => {
    for (const name of [
      'аdmin',
      'ａｂｃ',
      'a\u200bb',
      'a\u202eb',
      'a\u0301',
      'a\ufeff',
      '😀',
      'ß',
      'a\u00adb',
      '\ud800',
    ]) {
      assertFailed(
        await postJson(server(), admin(), 'api_token_create', { token_name: name, acl: 'all' }),
        /“token_name” is not valid/,
        JSON.stringify(name),
      )
    }
  })

  test('N3: names that WHM gives to tokens of root are reserved for root, on creation and by renaming', async () => {
    await server().account('namer', ['manage-api-tokens', 'basic-whm-functions'])
    const reseller = await server().tokenOf('namer', ['manage-api-tokens', 'basic-whm-functions'])
    const made = await make(server(), admin())
    for (const name of ['WebPros_Dashboard', 'WP-Dashboard', 'reverse_trust_x', 'host-trust']) {
      assertFailed(await create(name), /^The token name “.*” is reserved\.$/)
      const rename = { token_name: made.name, new_name: name }
      assertFailed(await server().call(admin(), 'api_token_update', rename), /is reserved/)
      done(await create(name, reseller))
    }
    for (const name of ['webpros_dashboard', 'x_reverse_trust_', 'trust']) done(await create(name))
  })

  test('N4: names that mean something to JavaScript, and numbers, are ordinary names', async () => {
    const prototypeBefore = Object.getOwnPropertyNames(Object.prototype)
    const names = [
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'hasOwnProperty',
      'length',
      'null',
      '10',
      '9',
      '007',
      '7',
      '-1',
    ]
    const made = new Map<string, string>()
    for (const name of names) made.set(name, (await make(server(), admin(), { token_name: name })).credential)
    const tokens = await listed(server(), admin())
    for (const name of names) {
      assert.ok(Object.hasOwn(tokens, name), name)
      const entry = Object.getOwnPropertyDescriptor(tokens, name)?.value
      assert.deepEqual([entry.name, entry.acls['basic-whm-functions'], entry.acls.all], [name, 1, 0])
    }
    for (const [name, credential] of made) {
      done(await server().call(credential, 'version'))
      const { data } = done(
        await server().call(admin(), 'api_token_update', { token_name: name, acl: 'list-accts' }),
      ).json
      assert.deepEqual([data.name, data.acls], [name, ['list-accts']])
      done(await server().call(credential, 'listaccts'))
      done(await server().call(admin(), 'api_token_revoke', { token_name: name }))
      assertRefused(await server().call(credential, 'listaccts'))
    }
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), prototypeBefore)
    assert.equal(({} as Record<string, unknown>).name, undefined)
  })

  test('N4: 007 and 7 are two names, and ending one leaves the other', async () => {
    const [padded, plain] = [
      await make(server(), admin(), { token_name: '007' }),
      await make(server(), admin(), { token_name: '7' }),
    ]
    done(await server().call(admin(), 'api_token_revoke', { token_name: '7' }))
    assertRefused(await server().call(plain.credential, 'version'))
    done(await server().call(padded.credential, 'version'))
  })

  test('N5: names differ by case and are unique for their owner alone', async () => {
    await server().account('second', ['manage-api-tokens', 'basic-whm-functions'])
    const second = await server().tokenOf('second', ['manage-api-tokens', 'basic-whm-functions'])
    const [upper, lower] = [freshName('Backup'), freshName('backup').replace(/\d+$/, '')]
    done(await create(upper))
    done(await create(upper.toLowerCase()))
    done(await create(lower))
    assertFailed(await create(upper), /already have an API token named/)
    done(await create(upper, second))
    assertFailed(await create(upper, second), /already have an API token named/)
  })

  test('N5: a name whose token was revoked is free, and the trail tells the two by their ids', async () => {
    const token_name = freshName('again')
    const ids: string[] = []
    for (let round = 0; round < 3; round += 1) {
      const made = await make(server(), admin(), { token_name })
      ids.push((await listed(server(), admin()))[token_name].postern_id)
      done(await server().call(made.credential, 'version'))
      done(await server().call(admin(), 'api_token_revoke', { token_name }))
      assertRefused(await server().call(made.credential, 'version'))
    }
    assert.equal(new Set(ids).size, 3)
    const refused = await server().audit({ token: token_name, outcome: 'refused' })
    assert.deepEqual(refused.map((entry) => entry.token_id).reverse(), ids)
    const made = (await server().audit({ target: token_name, function: 'api_token_create' })).reverse()
    assert.deepEqual(
      made.map((entry) => entry.details.token),
      ids,
    )
  })
})
