/** Freezing everybody or one user, all but named tokens, by function and by file; and thawing. */
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, describe, test } from 'node:test'
import { localDoor } from '../../src/cli/door.ts'
import { examine } from '../../src/server/examine.ts'
import { until } from '../faults/wait.ts'
import { type Arguments, done, queryOf, type Reply, startTestServer } from '../start-server.ts'
import {
  assertDenied,
  assertFailed,
  assertRefused,
  listed,
  make,
  onEachDatabase,
  signIn,
  type TokenServer,
} from './token-servers.ts'

const OWNER = ['basic-whm-functions', 'list-accts', 'create-acct', 'manage-api-tokens']
const NOTICED_MAX_MS = 1000

onEachDatabase({}, (on: TokenServer) => {
  const { server, admin, name: database, startNode } = on
  const freeze = (args: Arguments = {}): Promise<Reply> =>
    server().root('postern_freeze', { reason: 'an incident', ...args })
  const thaw = (args: Arguments = {}): Promise<Reply> => server().root('postern_thaw', args)
  const withPassword = (user: string, name = 'version'): Promise<Reply> =>
    server().send(`/json-api/${name}?${queryOf({ 'api.version': 1 })}`, {
      headers: { authorization: `Basic ${Buffer.from(`${user}:pass-of-${user}-1`).toString('base64')}` },
    })
  const whmapi1 = (name: string, args: Record<string, string> = {}) => localDoor(server().folder).call(name, args)

  afterEach(async () => void (await thaw()))

  describe('postern_freeze and postern_thaw', () => {
    test('everybody is refused on the next call by token, password and session; root can look and thaw, and then all works as before', async () => {
      await server().account('frza', OWNER)
      const reseller = await server().tokenOf('frza', OWNER)
      const session = await signIn(server(), 'frza')
      const { path: feed } = done(await session.call('postern_calendar_feed_create')).json.data
      const paused = await make(server(), admin())
      done(
        await server().root('postern_token_pause', {
          token_id: (await listed(server(), admin()))[paused.name].postern_id,
        }),
      )
      const { data } = done(await freeze()).json
      assert.match(data.freeze_id, /^frz_[0-9a-f]{16}$/)
      assert.deepEqual([data.user, data.frozen, data.reason, data.by], [null, 1, 'an incident', 'root'])
      assert.ok(data.tokens >= 3)
      for (const credential of [admin(), reseller]) assertRefused(await server().call(credential, 'version'))
      assertRefused(await withPassword('frza'))
      assert.equal((await session.call('version')).status, 401)
      assert.equal((await server().send(feed)).status, 404)
      const signedIn = await server().send('/login/?login_only=1', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: queryOf({ user: 'frza', pass: 'pass-of-frza-1' }),
      })
      assert.equal(signedIn.status, 401)
      // The local socket is never frozen out, whomever it acts for.
      assert.equal((await whmapi1('version')).httpStatus, 200)
      const [refused] = await server().audit({ caller: 'frza', outcome: 'refused', function: 'version' })
      assert.equal(refused.reason, 'frozen')
      assert.equal(refused.details.alarm, undefined)
      const { freezes } = done(await server().root('postern_freeze_list')).json.data
      assert.deepEqual(
        freezes.map(({ freeze_id }: { freeze_id: string }) => freeze_id),
        [data.freeze_id],
      )
      done(await thaw())
      for (const credential of [admin(), reseller]) done(await server().call(credential, 'version'))
      done(await withPassword('frza'))
      done(await session.call('version'))
      assertRefused(await server().call(paused.credential, 'version'))
      const entries = await server().audit({ limit: 200, outcome: 'done' })
      for (const name of ['postern_freeze', 'postern_thaw'])
        assert.ok(
          entries.some((entry) => entry.function === name),
          name,
        )
    })

    test('named tokens go on, and no other', async () => {
      const [kept, other] = [await make(server(), admin()), await make(server(), admin())]
      const keptId = (await listed(server(), admin()))[kept.name].postern_id
      const { data } = done(await freeze({ except: [keptId] })).json
      assert.deepEqual(data.except, [keptId])
      done(await server().call(kept.credential, 'version'))
      assertRefused(await server().call(other.credential, 'version'))
      assertRefused(await server().call(admin(), 'version'))
    })

    test('one reseller is frozen with the accounts that are theirs, and nobody else', async () => {
      await server().account('frzb', OWNER)
      await server().account('frzc', OWNER)
      await server().account('frzbsub', undefined, { owner: 'frzb' })
      const [b, c] = [await server().tokenOf('frzb', OWNER), await server().tokenOf('frzc', OWNER)]
      const { data } = done(await freeze({ user: 'frzb' })).json
      assert.deepEqual([data.user, data.tokens], ['frzb', 1])
      assertRefused(await server().call(b, 'version'))
      for (const user of ['frzb', 'frzbsub']) assertRefused(await withPassword(user))
      for (const credential of [c, admin()]) done(await server().call(credential, 'version'))
      done(await withPassword('frzc'))
      // A rename does not free them.
      done(await server().root('modifyacct', { user: 'frzb', newuser: 'frzd' }))
      assertRefused(await server().call(b.replace('frzb', 'frzd'), 'version'))
    })

    test('a dry run tells what would be frozen and freezes nothing', async () => {
      const { data } = done(await freeze({ dry_run: 1 })).json
      assert.equal(data.frozen, 0)
      assert.ok(data.tokens > 0 && data.token_names.length > 0)
      done(await server().call(admin(), 'version'))
      assert.deepEqual(done(await server().root('postern_freeze_list')).json.data.freezes, [])
    })

    test('an argument that only resembles one is refused, since ignoring it would freeze or thaw more', async () => {
      for (const args of [{ 'dry-run': 1 }, { dryrun: 1 }, { username: 'frza' }, { 'except[]': 'tok_x' }])
        assertFailed(
          await freeze(args),
          /is not understood. Did you mean “(dry_run|user|except)”/,
          JSON.stringify(args),
        )
      done(await server().call(admin(), 'version'))
      assertFailed(await thaw({ freeze_ids: 'frz_x' }), /Did you mean “freeze_id”/)
    })

    test('freezes add up, and are lifted one by one or all at once', async () => {
      await server().account('frze', OWNER)
      const e = await server().tokenOf('frze', OWNER)
      const [one, two] = [done(await freeze({ user: 'frze' })).json.data, done(await freeze()).json.data]
      done(await thaw({ freeze_id: one.freeze_id }))
      assertRefused(await server().call(e, 'version'))
      done(await freeze({ user: 'frze' }))
      done(await thaw({ freeze_id: two.freeze_id }))
      assertRefused(await server().call(e, 'version'))
      done(await server().call(admin(), 'version'))
      assert.equal(done(await thaw()).json.data.thawed, 1)
      done(await server().call(e, 'version'))
      assertFailed(await thaw({ freeze_id: [one.freeze_id] }), /no freeze/)
    })

    test('what is made while everything is frozen is frozen, and a change that was under way is not made by a frozen caller', async () => {
      const session = await signIn(server(), 'root', 'the gate is narrow 7')
      done(await freeze())
      const made = done(await session.call('api_token_create', { token_name: 'in-the-freeze', acl: 'list-accts' })).json
      assertRefused(await server().call(`root:${made.data.token}`, 'version'))
      done(await thaw())
      const names = Array.from({ length: 20 }, (_, n) => `race-${n}`)
      const [frozen, ...made2] = await Promise.all([
        freeze(),
        ...names.map((token_name) => server().call(admin(), 'api_token_create', { token_name, acl: 'list-accts' })),
      ])
      done(frozen)
      const [entry] = await server().audit({ function: 'postern_freeze', outcome: 'done', limit: 1 })
      const creations = await server().audit({ function: 'api_token_create', outcome: 'done', limit: 30 })
      for (const reply of made2) {
        if (reply.status !== 200) assertRefused(reply)
        else {
          const creation = creations.find(({ target }) => target === reply.json.data.name)
          assert.ok(creation.seq < entry.seq, 'a change of a frozen token came after the freeze')
        }
      }
    })

    test('a token may freeze and may not thaw; it needs everything; a reseller is denied; bad arguments fail', async () => {
      const other = await make(server(), admin(), { acl: ['all'] })
      const otherId = (await listed(server(), admin()))[other.name].postern_id
      done(await server().call(admin(), 'postern_freeze', { reason: 'found by a script', except: otherId }))
      assertFailed(await server().call(other.credential, 'postern_thaw'), /it cannot lift a freeze/)
      done(await thaw())
      await server().account('frzf', OWNER)
      const reseller = await server().tokenOf('frzf', OWNER)
      for (const name of ['postern_freeze', 'postern_thaw', 'postern_freeze_list'])
        assertDenied(await server().call(reseller, name, { reason: 'x' }))
      assertFailed(await server().root('postern_freeze'), /“reason” is required/)
      assertFailed(await freeze({ user: 'nobody9' }), /There is no user named/)
      assertFailed(await freeze({ except: ['tok_none'] }), /no API token named/)
      done(await server().call(reseller, 'version'))
    })
  })

  if (database === 'postgres') {
    test('C2, N3: a freeze is felt on the next call at the other node', async () => {
      const other = await startNode()
      const made = await make(server(), admin())
      for (let round = 0; round < 20; round += 1) {
        done(await other.call(made.credential, 'version'))
        done(await freeze())
        assertRefused(await other.call(made.credential, 'version'))
        done(await thaw())
      }
    })
  }
})

describe('the freeze file', () => {
  const undo: (() => Promise<unknown>)[] = []
  after(async () => {
    for (const step of undo.reverse()) await step()
  })

  test('DATA/freeze stops everything but the local socket within a second, at a start as well, until it is gone', async () => {
    const server = await startTestServer()
    undo.push(() => server.close())
    const path = join(server.folder, 'freeze')
    const credential = await server.rootToken(['all'])
    const session = await signIn(server, 'root', 'the gate is narrow 7')
    const { path: feed } = done(await server.root('postern_calendar_feed_create')).json.data
    await writeFile(path, '')
    const isRefused = async (): Promise<boolean> => (await server.call(credential, 'version')).status === 403
    const noticedMs = await until(isRefused, NOTICED_MAX_MS, 'the freeze')
    assert.ok(noticedMs <= NOTICED_MAX_MS)
    assertRefused(await server.root('version'))
    assert.equal((await session.call('version')).status, 401)
    assert.equal((await server.send(feed)).status, 404)
    assert.equal((await localDoor(server.folder).call('version', {})).httpStatus, 200)
    assert.equal((await server.send('/healthz')).status, 200)
    await rm(path)
    await until(async () => !(await isRefused()), NOTICED_MAX_MS, 'the thaw')
    done(await session.call('version'))
    assert.equal((await server.send(feed)).status, 200)
    const entries = await server.audit({ function: 'freeze-file' })
    assert.deepEqual(
      entries.map(({ caller, outcome }) => [caller, outcome]),
      [
        ['root', 'done'],
        ['root', 'done'],
      ],
    )
    done(await server.root('postern_freeze', { reason: 'forgotten' }))
    await server.stop()
    await writeFile(path, 'whatever stands in it')
    const findings = await examine(server.server.runtime.settings, { acceptClock: false })
    const frozen = findings.filter(({ check }) => check === 'freeze').map(({ message }) => message)
    assert.deepEqual(frozen, [
      'everybody is frozen by root: forgotten',
      `${path} is there: only the local socket is answered`,
    ])
    const again = await startTestServer({ folder: join(server.folder, '..') })
    undo.push(() => again.stop())
    assertRefused(await again.call(credential, 'version'))
    await rm(path)
    await until(async () => (await again.root('postern_thaw')).status === 200, NOTICED_MAX_MS, 'the thaw')
    done(await again.call(credential, 'version'))
  })

  test('it ends a batch that is running, at its next call', async () => {
    const server = await startTestServer()
    undo.push(() => server.close())
    await server.account('alpha')
    const path = join(server.folder, 'freeze')
    const token = await server.rootToken(['passwd'])
    // Each takes the time of a password's hash, so that the batch would take seconds.
    const command = Array.from({ length: 300 }, (_, at) => `passwd?user=alpha&password=${at}-is-no-common-one`)
    const running = server.send('/json-api/batch', {
      method: 'POST',
      headers: { authorization: `whm ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: queryOf({ 'api.version': 1, command }),
    })
    const done = async (): Promise<number> =>
      (await server.audit({ function: 'passwd', outcome: 'done', limit: 1000 })).length
    await until(async () => (await done()) > 0, 30_000, 'the first call of the batch')
    await writeFile(path, '')
    assertRefused(await running)
    await rm(path)
    await until(async () => (await server.root('version')).status === 200, 30_000, 'the thaw')
    const made = await done()
    assert.ok(made > 0 && made < 300, String(made))
    const [batch] = await server.audit({ function: 'batch' })
    assert.deepEqual([batch.outcome, batch.reason], ['refused', 'frozen'])
  })
})
