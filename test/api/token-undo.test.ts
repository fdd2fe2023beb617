/** Revoking by id, with a reason and since a moment; and taking a revoke back. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Arguments, done, queryOf, type Reply } from '../start-server.ts'
import {
  assertDenied,
  assertFailed,
  assertRefused,
  IS_USE,
  listed,
  type Made,
  make,
  onEachDatabase,
  signIn,
  type TokenServer,
} from './token-servers.ts'

const OWNER = ['basic-whm-functions', 'manage-api-tokens']
const MINUTE_MS = 60_000

let aheadMs = 0

onEachDatabase({ wallMs: () => Date.now() + aheadMs }, (on: TokenServer) => {
  const { server, admin, name: database } = on
  const idOf = async (name: string, credential = admin()): Promise<string> =>
    (await listed(server(), credential))[name].postern_id
  const revoke = (args: Arguments): Promise<Reply> => server().root('postern_token_revoke', args)
  const unrevoke = (token_id: string | readonly string[]): Promise<Reply> =>
    server().root('postern_token_unrevoke', { token_id })
  const withPassword = (user: string, name: string, args: Arguments = {}): Promise<Reply> =>
    server().send(`/json-api/${name}?${queryOf({ 'api.version': 1, ...args })}`, {
      headers: { authorization: `Basic ${Buffer.from(`${user}:pass-of-${user}-1`).toString('base64')}` },
    })
  const names = (reply: Reply): readonly string[] =>
    done(reply)
      .json.data.tokens.map(({ name }: { name: string }) => name)
      .sort()
  const madeWithId = async (args: Arguments = {}): Promise<Made & { readonly id: string }> => {
    const made = await make(server(), admin(), args)
    return { ...made, id: await idOf(made.name) }
  }

  describe('postern_token_revoke and postern_token_unrevoke', () => {
    test('a revoked token is refused at once, and works again, with all its settings, when the revoke is taken back', async () => {
      const made = await madeWithId({ whitelist_ip: '127.0.0.1' })
      const before = (await listed(server(), admin()))[made.name]
      done(await revoke({ token_id: made.id, reason: 'looked unused' }))
      assertRefused(await server().call(made.credential, 'version'))
      const [ended] = await server().audit({ target: made.id })
      assert.deepEqual([ended.details.tokens, ended.details.revoke_reason], [[made.id], 'looked unused'])
      done(await unrevoke(made.id))
      done(await server().call(made.credential, 'version'))
      const after = (await listed(server(), admin()))[made.name]
      for (const [key, value] of Object.entries(after)) if (!IS_USE.test(key)) assert.deepEqual(value, before[key], key)
      const [undone] = await server().audit({ function: 'postern_token_unrevoke' })
      assert.deepEqual([undone.outcome, undone.details.tokens], ['done', [made.id]])
    })

    test('one that was paused comes back paused, and what was revoked by name or with all others comes back too', async () => {
      const paused = await madeWithId()
      done(await server().root('postern_token_pause', { token_id: paused.id }))
      done(await server().call(admin(), 'api_token_revoke', { token_name: paused.name }))
      done(await unrevoke(paused.id))
      assertRefused(await server().call(paused.credential, 'version'))
      assert.equal((await listed(server(), admin()))[paused.name].postern_status, 'paused')
      await server().account('undoall', OWNER)
      const own = await server().tokenOf('undoall', OWNER)
      const { tokens } = done(await server().call(own, 'postern_token_revoke_all')).json.data
      assert.equal(tokens.length, 1)
      done(await withPassword('undoall', 'postern_token_unrevoke', { token_id: tokens }))
      done(await server().call(own, 'version'))
    })

    test('what was revoked as leaked stays revoked, however it was revoked', async () => {
      const ways: readonly ((made: Made & { readonly id: string }) => Promise<Reply>)[] = [
        ({ id }) => revoke({ token_id: id, reason: 'leaked' }),
        ({ id }) => revoke({ token_id: id, reason: 'Leaked: it is on a public page' }),
        ({ name }) => server().call(admin(), 'api_token_revoke', { token_name: name, reason: 'leaked in a log' }),
      ]
      for (const way of ways) {
        const made = await madeWithId()
        done(await way(made))
        assertFailed(await unrevoke(made.id), /because its secret leaked/)
        assertRefused(await server().call(made.credential, 'version'))
      }
      const harmless = await madeWithId()
      done(await revoke({ token_id: harmless.id, reason: 'not leaked' }))
      done(await unrevoke(harmless.id))
    })

    test('a list says until when a revoke can be taken back by whoever asks', async () => {
      await server().account('undolist', OWNER)
      const own = await server().tokenOf('undolist', OWNER)
      const tokensOf = async (call: Promise<Reply>) => done(await call).json.data.tokens
      const args = { owner: 'undolist', revoked: 1 }
      const [{ postern_id: token_id, ...alive }] = await tokensOf(server().root('postern_token_list', args))
      assert.deepEqual([alive.postern_revoked, alive.postern_undo_until, alive.owner_suspended], [null, null, 0])
      done(await withPassword('undolist', 'postern_token_revoke', { token_id }))
      const undoAfter = ({ postern_revoked, postern_undo_until }: Record<string, number>) =>
        (postern_undo_until ?? 0) - (postern_revoked ?? 0)
      const [bySelf] = await tokensOf(withPassword('undolist', 'postern_token_list', args))
      assert.equal(undoAfter(bySelf), 3600)
      const [byToken] = await tokensOf(server().call(admin(), 'postern_token_list', args))
      assert.deepEqual([byToken.postern_status, byToken.postern_undo_until], ['revoked', null])
      done(await unrevoke(token_id))
      done(await server().call(own, 'version'))
      done(await revoke({ token_id }))
      const [notByOwner] = await tokensOf(withPassword('undolist', 'postern_token_list', args))
      assert.equal(notByOwner.postern_undo_until, null)
      const [byRoot] = await tokensOf(server().root('postern_token_list', args))
      assert.equal(undoAfter(byRoot), 3600)
    })

    // With PostgreSQL the database's clock decides, which no test can move.
    if (database === 'sqlite') {
      test('after 60 minutes a revoke is for good', async () => {
        const [inTime, late] = [await madeWithId(), await madeWithId()]
        done(await revoke({ token_id: [inTime.id, late.id] }))
        const before = aheadMs
        aheadMs = before + 59 * MINUTE_MS
        done(await unrevoke(inTime.id))
        aheadMs = before + 61 * MINUTE_MS
        assertFailed(await unrevoke(late.id), /more than 60 minutes ago/)
        assertRefused(await server().call(late.credential, 'version'))
      })
    }

    test('what root revoked, its owner cannot bring back; what the owner revoked, root can', async () => {
      await server().account('undoa', OWNER)
      const credential = await server().tokenOf('undoa', OWNER, { token_name: 'mine' })
      const token_id = await idOf('mine', credential)
      done(await revoke({ token_id }))
      assertFailed(await withPassword('undoa', 'postern_token_unrevoke', { token_id }), /only root may bring back/)
      done(await unrevoke(token_id))
      done(await server().call(credential, 'version'))
      done(await withPassword('undoa', 'postern_token_revoke', { token_id }))
      done(await unrevoke(token_id))
      done(await server().call(credential, 'version'))
    })

    test('N5: a name that was given again is told, and the others are brought back', async () => {
      const [first, second] = [await madeWithId(), await madeWithId()]
      done(await revoke({ token_id: [first.id, second.id] }))
      const again = await make(server(), admin(), { token_name: first.name })
      assertFailed(await unrevoke([first.id, second.id]), /already have an API token named/)
      done(await server().call(second.credential, 'version'))
      done(await server().call(again.credential, 'version'))
      assertRefused(await server().call(first.credential, 'version'))
      assertFailed(await unrevoke(second.id), /is not revoked/)
    })

    test('P8: another owner’s token and none at all are one answer; a token brings nothing back; without the privilege it is denied', async () => {
      await server().account('undob', OWNER)
      const other = await server().tokenOf('undob', OWNER)
      const made = await madeWithId()
      const asked = (name: string, id: string) => server().call(other, name, { token_id: id })
      const reply = await asked('postern_token_revoke', made.id)
      assertFailed(reply, /You have no API token named/)
      assert.equal(reply.body.replace(made.id, 'tok_none'), (await asked('postern_token_revoke', 'tok_none')).body)
      done(await server().call(made.credential, 'version'))
      done(await revoke({ token_id: made.id }))
      assertFailed(await withPassword('undob', 'postern_token_unrevoke', { token_id: made.id }), /no API token named/)
      assertFailed(
        await server().call(admin(), 'postern_token_unrevoke', { token_id: made.id }),
        /it cannot bring tokens back/,
      )
      const narrow = await make(server(), admin(), { acl: ['list-accts'] })
      for (const name of ['postern_token_revoke', 'postern_token_unrevoke'])
        assertDenied(await server().call(narrow.credential, name, { token_id: made.id }))
    })

    test('C5: revoke and its undo at once end in one of both, as the trail says', async () => {
      for (let round = 0; round < 8; round += 1) {
        const made = await madeWithId()
        done(await revoke({ token_id: made.id }))
        await Promise.all([unrevoke(made.id), revoke({ token_id: made.id })])
        const [last] = await server().audit({ target: made.id, outcome: 'done', limit: 1 })
        const used = await server().call(made.credential, 'version')
        if (last.function === 'postern_token_unrevoke') done(used)
        else assertRefused(used)
      }
    })
  })

  describe('postern_token_revoke_since', () => {
    test('a dry run tells what would end and ends nothing; the call ends what was made, or given a new secret, since then', async () => {
      await server().account('sincea', OWNER)
      const session = await signIn(server(), 'sincea')
      const before = await server().tokenOf('sincea', OWNER, { token_name: 'before' })
      const rotated = await server().tokenOf('sincea', OWNER, { token_name: 'rotated' })
      const ids = Object.fromEntries(
        Object.entries(await listed(server(), before)).map(([name, { postern_id }]) => [name, postern_id]),
      )
      aheadMs += 10 * MINUTE_MS
      const made = await server().tokenOf('sincea', OWNER, { token_name: 'after' })
      const { token: newSecret } = done(await server().call(before, 'postern_token_rotate', { token_id: ids.rotated }))
        .json.data
      const moment = (await listed(server(), before)).after.create_time
      const dry = await server().root('postern_token_revoke_since', { since: moment, owner: 'sincea', dry_run: 1 })
      // With PostgreSQL the database's clock decides, and all three were made within a moment.
      const isMoved = database === 'sqlite'
      const expected = isMoved ? ['after', 'rotated'] : names(dry)
      assert.ok(expected.includes('after') && expected.includes('rotated'))
      assert.deepEqual(names(dry), expected)
      assert.deepEqual([dry.json.data.dry_run, dry.json.data.count], [1, expected.length])
      for (const credential of [before, rotated, made, `sincea:${newSecret}`])
        done(await server().call(credential, 'version'))
      const real = await server().root('postern_token_revoke_since', {
        since: moment,
        owner: 'sincea',
        reason: 'break-in',
      })
      assert.deepEqual(names(real), expected)
      for (const credential of [rotated, made, `sincea:${newSecret}`])
        assertRefused(await server().call(credential, 'version'))
      if (isMoved) done(await server().call(before, 'version'))
      const [entry] = await server().audit({ function: 'postern_token_revoke_since' })
      assert.deepEqual([entry.details.revoked, entry.details.revoke_reason], [expected.length, 'break-in'])
      // By root, so the owner cannot take it back; root can, within the hour.
      const ended = real.json.data.tokens.map(({ postern_id }: { postern_id: string }) => postern_id)
      assertFailed(await session.call('postern_token_unrevoke', { token_id: ended }), /only root may/)
      done(await unrevoke(ended))
      done(await server().call(made, 'version'))
    })

    test('an argument that only resembles one is refused, since ignoring it would end more', async () => {
      await server().account('sincez', OWNER)
      const token = await server().tokenOf('sincez', OWNER)
      for (const args of [{ 'dry-run': 1 }, { DRY_RUN: 1 }, { owners: 'nobody' }]) {
        const reply = await server().call(token, 'postern_token_revoke_since', { since: 1, ...args })
        assertFailed(reply, /is not understood. Did you mean “(dry_run|owner)”/)
      }
      done(await server().call(token, 'version'))
    })

    test('without an owner, root’s call reaches everybody’s tokens, a reseller’s and a token’s own user alone', async () => {
      await server().account('sinceb', OWNER)
      await server().account('sincec', OWNER)
      const [b, c] = [await server().tokenOf('sinceb', OWNER), await server().tokenOf('sincec', OWNER)]
      const since = (await listed(server(), b))[Object.keys(await listed(server(), b))[0] ?? ''].create_time
      const owners = async (call: Promise<Reply>): Promise<readonly string[]> => {
        const { tokens } = done(await call).json.data
        return [...new Set(tokens.map(({ owner }: { owner: string }) => owner))].sort() as string[]
      }
      const args = { since, dry_run: 1 }
      assert.deepEqual(await owners(server().call(b, 'postern_token_revoke_since', args)), ['sinceb'])
      assert.deepEqual(await owners(server().call(b, 'postern_token_revoke_since', { ...args, owner: 'sincec' })), [])
      const all = await owners(server().root('postern_token_revoke_since', args))
      assert.ok(all.includes('sinceb') && all.includes('sincec'), all.join())
      done(await server().call(b, 'postern_token_revoke_since', { since }))
      assertRefused(await server().call(b, 'version'))
      done(await server().call(c, 'version'))
      for (const bad of [0, 'yesterday', '']) {
        const reply = await server().root('postern_token_revoke_since', { since: bad })
        assertFailed(reply, /“since” is not valid/, String(bad))
      }
    })
  })
})
