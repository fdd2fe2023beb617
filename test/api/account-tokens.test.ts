/** API tokens of hosting accounts: made, listed, renamed and ended by UAPI's `Tokens`, and used at the cPanel service alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSecret } from '../../src/tokens/secret.ts'
import { done, type Reply } from '../start-server.ts'
import { assertRefused, onEachDatabase } from './token-servers.ts'

const FLAT = ['status', 'data', 'errors', 'messages', 'warnings', 'metadata']

function assertUapi(reply: Reply, data: unknown, metadata: object = {}): void {
  assert.equal(reply.status, 200, reply.body)
  assert.deepEqual(reply.json, { status: 1, data, errors: null, messages: null, warnings: null, metadata })
  assert.deepEqual(Object.keys(reply.json), FLAT)
}

function assertUapiFailed(reply: Reply, error: RegExp, status = 200): void {
  assert.equal(reply.status, status, reply.body)
  const { errors, ...rest } = reply.json
  assert.deepEqual(rest, { status: 0, data: null, messages: null, warnings: null, metadata: {} })
  assert.match(errors.join(), error)
}

onEachDatabase({ settings: { cpanelListen: '127.0.0.1:0' } }, (on) => {
  let count = 0
  /** A fresh account and a token of it. */
  async function account(): Promise<{ readonly user: string; readonly token: string }> {
    count += 1
    const user = `acct${count}`
    await on.server().account(user)
    return { user, token: await on.server().accountToken(user) }
  }

  test('a token is made once with its secret, which begins with PSC, and works at /execute', async () => {
    const { token } = await account()
    const reply = await on.server().uapi(token, 'Tokens::create_full_access', { name: 'dns-01' })
    const { token: secret, create_time, ...more } = reply.json.data
    assertUapi(reply, { create_time, token: secret })
    assert.deepEqual(more, {})
    assert.match(secret, /^PSC[0-9A-Z]{29}$/)
    assert.ok(Number.isInteger(create_time))
    const user = token.split(':', 1)[0]
    const listed = await on.server().uapi(`${user}:${secret}`, 'Tokens::list')
    assert.equal(listed.json.status, 1)
    assert.ok(!listed.body.includes(secret))
  })

  test('the list is an array with the documented keys, expired ones included', async () => {
    const { user } = await account()
    const token = await on.server().accountToken(user, { name: 'list-me', readonly: 1, expires_at: 4_000_000_000 })
    const { json } = await on.server().uapi(token, 'Tokens::list')
    const named = (name: string) => json.data.find((one: { name: string }) => one.name === name)
    const { create_time, ...rest } = named('list-me')
    assert.ok(Number.isInteger(create_time))
    const facts = { name: 'list-me', expires_at: 4_000_000_000, features: [], has_full_access: 1, readonly: 1 }
    assert.deepEqual(rest, facts)
    assert.deepEqual(json.metadata, { transformed: 1 })
    const other = json.data.find((one: { name: string }) => one.name !== 'list-me')
    assert.deepEqual([json.data.length, other.expires_at, other.readonly], [2, null, 0])
  })

  test('a rename keeps the secret, and a taken, bad or unknown name is refused', async () => {
    const { user, token } = await account()
    const other = await on.server().accountToken(user, { name: 'second' })
    const uapi = (args: Readonly<Record<string, string>>) => on.server().uapi(token, 'Tokens::rename', args)
    assertUapi(await uapi({ name: 'second', new_name: 'renamed' }), {})
    const { json } = await on.server().uapi(other, 'Tokens::list')
    assert.deepEqual(
      json.data.map(({ name }: { name: string }) => name).filter((name: string) => !name.startsWith('token-')),
      ['renamed'],
    )
    assertUapi(await uapi({ name: 'renamed', new_name: 'renamed' }), {})
    assertUapiFailed(await uapi({ name: 'nobody', new_name: 'x' }), /no API token named “nobody”/)
    const first = json.data.find(({ name }: { name: string }) => name !== 'renamed').name
    assertUapiFailed(await uapi({ name: 'renamed', new_name: first }), /already have an API token named/)
    assertUapiFailed(await uapi({ name: 'renamed', new_name: 'bad name' }), /“bad name” may hold only letters/)
    assertUapiFailed(await uapi({ name: 'renamed' }), /“new_name” is required/)
  })

  test('a revoked token is refused on the next call; revoking one that does not exist answers 1 as well', async () => {
    const { user, token } = await account()
    const other = await on.server().accountToken(user, { name: 'to-end' })
    assertUapi(await on.server().uapi(token, 'Tokens::revoke', { name: 'to-end' }), 1)
    assertRefused(await on.server().uapi(other, 'Tokens::list'))
    assertUapi(await on.server().uapi(token, 'Tokens::revoke', { name: 'to-end' }), 1)
    const [missed, ended] = await on.server().audit({ function: 'Tokens::revoke', caller: user })
    assert.deepEqual([missed.details.not_found, ended.target, ended.outcome], ['to-end', 'to-end', 'done'])
    const [refusal] = await on.server().audit({ caller: user, outcome: 'refused' })
    assert.equal(refusal.reason, 'revoked')
  })

  test('a read-only token reads, and may call nothing that changes', async () => {
    const { user } = await account()
    const token = await on.server().accountToken(user, { readonly: 1 })
    assert.equal((await on.server().uapi(token, 'Tokens::list')).json.status, 1)
    for (const [name, args] of [
      ['Tokens::create_full_access', { name: 'more' }],
      ['Tokens::rename', { name: 'a', new_name: 'b' }],
      ['Tokens::revoke', { name: 'a' }],
    ] as const)
      assertUapiFailed(await on.server().uapi(token, name, args), /^Permission denied: this token may only read/, 403)
    const [entry] = await on.server().audit({ caller: user, function: 'Tokens::revoke' })
    assert.deepEqual([entry.outcome, entry.reason.split(':', 1)[0]], ['refused', 'token-readonly'])
    const odd = await on.server().uapi(await on.server().accountToken(user), 'Tokens::create_full_access', {
      name: 'odd',
      readonly_: 1,
    })
    assertUapiFailed(odd, /“readonly_” is not understood/)
  })

  test('a token made with a token ends no later than that one', async () => {
    const { user } = await account()
    const token = await on.server().accountToken(user, { expires_at: 4_000_000_000 })
    const create = (args: Readonly<Record<string, string | number>>) =>
      on.server().uapi(token, 'Tokens::create_full_access', args)
    assertUapiFailed(await create({ name: 'later', expires_at: 4_000_000_001 }), /gives no more than it has itself/)
    assertUapiFailed(await create({ name: 'never', expires_at: 0 }), /gives no more than it has itself/)
    assert.equal((await create({ name: 'same' })).json.status, 1)
    const { json } = await on.server().uapi(token, 'Tokens::list')
    assert.equal(json.data.find(({ name }: { name: string }) => name === 'same').expires_at, 4_000_000_000)
  })

  test('a reseller may have a token of one name for each service, and each ends by its own function', async () => {
    await on.server().account('both', ['manage-api-tokens', 'basic-whm-functions'])
    const whm = await on.server().tokenOf('both', ['manage-api-tokens', 'basic-whm-functions'], { token_name: 'same' })
    const cpanel = await on.server().accountToken('both', { name: 'same' })
    assert.deepEqual(Object.keys(done(await on.server().call(whm, 'api_token_list')).json.data.tokens), ['same'])
    assert.equal((await on.server().uapi(cpanel, 'Tokens::list')).json.data.length, 1)
    const looked = await on.server().call(whm, 'api_token_get_details', { token: cpanel.split(':')[1] ?? '' })
    assert.deepEqual(done(looked).json.data, {})
    done(await on.server().call(whm, 'api_token_revoke', { token_name: 'same' }))
    assertRefused(await on.server().call(whm, 'version'))
    assert.equal((await on.server().uapi(cpanel, 'Tokens::list')).json.status, 1)
  })

  test('H3: a token is refused at the other service and under the other scheme, and the trail says what was mixed up', async () => {
    const { user, token } = await account()
    const whm = on.admin()
    const send = (service: 'whm' | 'cpanel', authorization: string) => {
      const options = { headers: { authorization } }
      return service === 'whm'
        ? on.server().send('/json-api/version?api.version=1', options)
        : on.server().sendToCpanel('/execute/Tokens/list', options)
    }
    const tried = [
      ['whm', `cpanel ${token}`, 'a token of a hosting account came under the scheme “cpanel” to the WHM service'],
      ['whm', `whm ${token}`, 'a token of a hosting account came under the scheme “whm” to the WHM service'],
      ['whm', `cpanel ${whm}`, 'a WHM token came under the scheme “cpanel” to the WHM service'],
      ['cpanel', `whm ${token}`, 'a token of a hosting account came under the scheme “whm” to the cPanel service'],
      ['cpanel', `whm ${whm}`, 'a WHM token came under the scheme “whm” to the cPanel service'],
      ['cpanel', `cpanel ${whm}`, 'a WHM token came under the scheme “cpanel” to the cPanel service'],
      ['cpanel', `whm ${user}:nonsense`, 'what is no token came under the scheme “whm” to the cPanel service'],
    ] as const
    for (const [service, authorization, mixUp] of tried) {
      assertRefused(await send(service, authorization), authorization.split(' ')[0])
      const [entry] = await on.server().audit({ outcome: 'refused' })
      assert.deepEqual([entry.reason, entry.details.mix_up], ['wrong-scheme', mixUp])
    }
    for (const word of ['cpanel', 'CPANEL', 'cPanel'])
      assert.equal((await send('cpanel', `${word} ${token}`)).json.status, 1)
  })

  test('T2: kinds of refused account tokens look the same to the last byte, and the trail has the exact reason', async () => {
    const { user, token } = await account()
    const { user: suspended, token: ofSuspended } = await account()
    const { user: removed, token: ofRemoved } = await account()
    done(await on.server().root('suspendacct', { user: suspended }))
    done(await on.server().root('removeacct', { username: removed }))
    const [, secret = ''] = token.split(':')
    const cases = [
      [`${user}:${makeSecret('PSC')}`, 'unknown-token'],
      [`${suspended}:${secret}`, 'other-user'],
      [ofSuspended, 'owner-suspended'],
      [ofRemoved, 'owner-removed'],
      [`${user}:${secret.slice(1)}`, 'malformed'],
    ] as const
    for (const [credential, reason] of cases) {
      assertRefused(await on.server().uapi(credential, 'Tokens::list'), reason)
      const [entry] = await on.server().audit({ outcome: 'refused' })
      assert.equal(entry.reason, reason)
    }
    done(await on.server().root('unsuspendacct', { user: suspended }))
    assert.equal((await on.server().uapi(ofSuspended, 'Tokens::list')).json.status, 1)
  })

  test('P6: after the account is renamed its token works under the new name, on a connection that stays open', async () => {
    const { user, token } = await account()
    done(await on.server().root('modifyacct', { user, newuser: `${user}new` }))
    assertRefused(await on.server().uapi(token, 'Tokens::list'))
    assert.equal((await on.server().uapi(`${user}new:${token.split(':')[1]}`, 'Tokens::list')).json.status, 1)
  })

  test('a rotated account token keeps its kind: the new secret begins with PSC and works at the cPanel service alone', async () => {
    const { user } = await account()
    const old = await on.server().accountToken(user, { name: 'to-rotate', readonly: 1 })
    const listed = done(await on.server().root('postern_token_list', { owner: user })).json.data.tokens
    const { postern_id: token_id } = listed.find(({ name }: { name: string }) => name === 'to-rotate')
    const rotated = done(await on.server().root('postern_token_rotate', { token_id, overlap: 0 })).json.data
    assert.match(rotated.token, /^PSC/)
    assertRefused(await on.server().uapi(old, 'Tokens::list'))
    const renewed = `${user}:${rotated.token}`
    assert.equal((await on.server().uapi(renewed, 'Tokens::list')).json.status, 1)
    assertRefused(await on.server().call(renewed, 'version'))
    const write = await on.server().uapi(renewed, 'Tokens::revoke', { name: 'x' })
    assertUapiFailed(write, /^Permission denied: this token may only read/, 403)
  })

  test('P7: a WHM token rotates no token of its owner’s account, which opens more than its own privileges', async () => {
    await on.server().account('vendor', ['manage-api-tokens', 'basic-whm-functions'])
    const old = await on.server().accountToken('vendor', { name: 'own' })
    const [{ postern_id: token_id }] = done(await on.server().root('postern_token_list', { owner: 'vendor' })).json.data
      .tokens
    const narrow = await on.server().tokenOf('vendor', ['manage-api-tokens'])
    const { metadata } = (await on.server().call(narrow, 'postern_token_rotate', { token_id })).json
    assert.equal(metadata.result, 0)
    assert.match(metadata.reason, /the token to be changed is for the account itself/)
    assert.equal((await on.server().uapi(old, 'Tokens::list')).json.status, 1)
  })

  test('C1: of parallel creates of one name exactly one succeeds', async () => {
    const { token } = await account()
    const made = Array.from({ length: 12 }, () =>
      on.server().uapi(token, 'Tokens::create_full_access', { name: 'race' }),
    )
    const replies = await Promise.all(made)
    assert.equal(replies.filter(({ json }) => json.status === 1).length, 1)
    for (const reply of replies.filter(({ json }) => json.status === 0))
      assertUapiFailed(reply, /already have an API token named “race”/)
  })
})
