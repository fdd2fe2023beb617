/** What ends sessions at once and on every node, who may see and end them, and what asks for the password anew. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Arguments, done, queryOf, type Reply, ROOT_PASSWORD, sendTo, type TestServer } from '../start-server.ts'
import { onEachDatabase } from './token-servers.ts'

const MINUTE_MS = 60_000

type Session = { readonly cookie: string; readonly path: string }

async function openSession(server: TestServer, user: string, pass = passwordOf(user)): Promise<Session> {
  const body = new URLSearchParams({ user, pass, login_only: '1' }).toString()
  const reply = await server.send('/login/', { method: 'POST', body })
  assert.equal(reply.status, 200, reply.body)
  return { cookie: String(reply.headers['set-cookie']?.[0]).split(';')[0] ?? '', path: reply.json.security_token }
}

function passwordOf(user: string): string {
  return user === 'root' ? ROOT_PASSWORD : `pass-of-${user}-1`
}

function callIn(server: TestServer, { cookie, path }: Session, functionName: string, args: Arguments = {}) {
  const body = queryOf({ 'api.version': '1', ...args })
  return sendTo(server.url, `${path}/json-api/${functionName}`, { method: 'POST', body, headers: { cookie } })
}

function assertFailed(reply: Reply, code: string): void {
  assert.deepEqual([reply.status, reply.json.metadata.result], [200, 0], reply.body)
  assert.equal(reply.headers['x-postern-failure'], code)
}

let aheadMs = 0

onEachDatabase({ wallMs: () => Date.now() + aheadMs }, (on) => {
  test('S6: sign-out, a new password, suspension, removal and ending all end a session on the next request, on every node', async () => {
    const server = on.server()
    const other = on.name === 'postgres' ? await on.startNode() : server
    const ends: Readonly<Record<string, (user: string, session: Session) => Promise<unknown>>> = {
      signout: (_user, { cookie, path }) => server.send(`${path}/logout`, { headers: { cookie } }),
      password: async (user) => done(await server.root('passwd', { user, password: `a new one for ${user}` })),
      suspend: async (user) => done(await server.root('suspendacct', { user })),
      remove: async (user) => done(await server.root('removeacct', { username: user })),
      endall: async (user) => done(await server.root('postern_session_end_all', { user })),
      demote: async (user) => done(await server.root('unsetupreseller', { user })),
    }
    for (const [name, end] of Object.entries(ends)) {
      const user = `by${name}`
      await server.account(user, ['list-accts', 'basic-whm-functions'])
      const session = await openSession(server, user)
      assert.equal((await callIn(other, session, 'version')).status, 200, name)
      await end(user, session)
      for (const node of [server, other]) {
        assert.equal((await callIn(node, session, 'version')).status, 401, name)
        const page = await node.send(`${session.path}/`, { headers: { cookie: session.cookie } })
        assert.equal(page.status, 401, name)
        assert.equal(page.headers['cache-control'], 'no-store')
      }
    }
  })

  test('S6: a person sees and ends their own sessions, and root everybody’s', async () => {
    const server = on.server()
    await server.account('seer', ['list-accts'])
    const [mine, another, roots] = [
      await openSession(server, 'seer'),
      await openSession(server, 'seer'),
      await openSession(server, 'root'),
    ]
    const listed = done(await callIn(server, mine, 'postern_session_list')).json.data.sessions
    assert.deepEqual(
      listed.map((one: { user: string; service: string; address: string }) => [one.user, one.service, one.address]),
      [
        ['seer', 'whm', '127.0.0.1'],
        ['seer', 'whm', '127.0.0.1'],
      ],
    )
    assert.deepEqual(listed.map((one: { is_current: number }) => one.is_current).sort(), [0, 1])
    const everybody = done(await callIn(server, roots, 'postern_session_list')).json.data.sessions
    assert.ok(everybody.some((one: { user: string }) => one.user === 'root'))
    const ofRoot = everybody.find((one: { is_current: number }) => one.is_current === 1)
    // Another's session is as good as none.
    assertFailed(await callIn(server, mine, 'postern_session_end', { session: ofRoot.id }), 'session-not-found')
    assertFailed(await callIn(server, mine, 'postern_session_end_all', { user: 'root' }), 'account-not-found')
    assertFailed(await callIn(server, mine, 'postern_session_list', { user: 'root' }), 'account-not-found')
    const notMine = listed.find((one: { is_current: number }) => one.is_current === 0)
    done(await callIn(server, mine, 'postern_session_end', { session: notMine.id }))
    assert.equal((await callIn(server, another, 'version')).status, 401)
    const third = await openSession(server, 'seer')
    assert.equal(done(await callIn(server, mine, 'postern_session_end_all', { keep_current: '1' })).json.data.ended, 1)
    assert.equal((await callIn(server, third, 'version')).status, 401)
    assert.equal(done(await callIn(server, roots, 'postern_session_end_all', { user: 'seer' })).json.data.ended, 1)
    assert.equal((await callIn(server, mine, 'version')).status, 401)
    assert.equal((await callIn(server, roots, 'version')).status, 200)
    const [entry] = await server.audit({ function: 'postern_session_end_all', outcome: 'done', limit: 1 })
    assert.deepEqual([entry.caller, entry.target, entry.outcome, entry.details.ended], ['root', 'seer', 'done', 1])
  })

  test('a token without every privilege neither sees nor ends the sessions of its owner', async () => {
    const server = on.server()
    const narrow = await server.rootToken(['list-accts', 'manage-api-tokens'])
    const session = await openSession(server, 'root')
    const calls: readonly (readonly [string, Arguments])[] = [
      ['postern_session_list', {}],
      ['postern_session_end', { session: 'x' }],
      ['postern_session_end_all', {}],
    ]
    for (const [name, args] of calls) {
      const reply = await server.call(narrow, name, args)
      assert.equal(reply.status, 403, name)
      assert.match(reply.json.metadata.reason, /requires the privilege “all”/)
    }
    assert.equal((await callIn(server, session, 'version')).status, 200)
    done(await server.call(on.admin(), 'postern_session_end_all'))
    assert.equal((await callIn(server, session, 'version')).status, 401)
  })

  test('S9: making a token asks for the password when it was proved more than five minutes ago; nothing is made until then', async () => {
    const server = on.server()
    const session = await openSession(server, 'root')
    const args = { token_name: `asked-${on.name}`, acl: 'list-accts' }
    aheadMs += 5 * MINUTE_MS + 2000
    assertFailed(await callIn(server, session, 'api_token_create', args), 'password-needed')
    await server.account(`s9${on.name.slice(0, 4)}`)
    const into = { 'cpanel.user': `s9${on.name.slice(0, 4)}`, 'cpanel.module': 'Tokens', name: 'roundabout' }
    const asked = await callIn(server, session, 'uapi_cpanel', { ...into, 'cpanel.function': 'create_full_access' })
    assert.match(done(asked).json.data.uapi.errors[0], /^Your password is needed again/)
    const tokens = done(await server.root('api_token_list')).json.data.tokens
    assert.equal(args.token_name in tokens, false)
    assertFailed(
      await callIn(server, session, 'postern_confirm_password', { password: 'not the one' }),
      'password-wrong',
    )
    assertFailed(await callIn(server, session, 'api_token_create', args), 'password-needed')
    done(await callIn(server, session, 'postern_confirm_password', { password: ROOT_PASSWORD }))
    done(await callIn(server, session, 'api_token_create', args))
    const [wrong] = await server.audit({ function: 'postern_confirm_password', outcome: 'failed', limit: 1 })
    assert.match(wrong.reason, /^password-wrong: /)
  })

  test('S9: a sign-in of less than five minutes is not asked, and neither are tokens, Basic and the machine itself', async () => {
    const server = on.server()
    const session = await openSession(server, 'root')
    aheadMs += 4 * MINUTE_MS
    done(await callIn(server, session, 'api_token_create', { token_name: `fresh-${on.name}`, acl: 'list-accts' }))
    aheadMs += 60 * MINUTE_MS
    done(await server.call(on.admin(), 'api_token_create', { token_name: `by-token-${on.name}`, acl: 'list-accts' }))
    done(await server.root('api_token_create', { token_name: `by-password-${on.name}`, acl: 'list-accts' }))
    const reply = await server.root('postern_confirm_password', { password: ROOT_PASSWORD })
    assert.equal(reply.json.metadata.result, 0)
    assert.equal(reply.headers['x-postern-failure'], undefined)
  })
})
