/** Backups: a copy is a copy, whichever database it came from and goes to, and nothing comes back to life unasked. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Kysely } from 'kysely'
import { alertStoreOn } from '../../src/storage/alert-store.ts'
import type { Storage } from '../../src/storage/database.ts'
import { writeDumpFile } from '../../src/storage/dump.ts'
import { NOT_DUMPED } from '../../src/storage/dump-tables.ts'
import { type Pepper, pepperCheck } from '../../src/storage/pepper-file.ts'
import { readDump } from '../../src/storage/restore.ts'
import type { Schema } from '../../src/storage/schema.ts'
import { DATABASES, forEachDatabase, makeTestDatabase, type TestDatabase } from './databases.ts'
import {
  accountRow,
  addRoot,
  addToken,
  auditRow,
  auditTargets,
  digestOf,
  revokeToken,
  tokenNames,
  tokenRowOf,
} from './rows.ts'

const pepper: Pepper = { current: 1, peppers: new Map([[1, Buffer.alloc(32, 9)]]) }
const origin = { instanceId: 'the instance', pepperCheck: pepperCheck(pepper) }
const now = new Date('2026-11-23T10:00:00Z')

const places: TestDatabase[] = []
after(async () => {
  for (const place of places) await place.remove()
})

async function fill(storage: Storage): Promise<void> {
  await addRoot(storage)
  for (const name of ['alive', 'paused', 'gone']) await addToken(storage, name)
  await revokeToken(storage, 'gone')
  await storage.write(async (trx) => {
    await trx
      .updateTable('tokens')
      .set({ paused_at: 5, pause_reason: 'incident' })
      .where('name', '=', 'paused')
      .execute()
    const many = Array.from({ length: 450 }, (_, i) => ({ ...tokenRowOf(`many${i}`), revoked_at: 3 }))
    await trx.insertInto('tokens').values(many).execute()
    await trx
      .insertInto('token_usage')
      .values({ token_id: 'tok_alive', last_used_at: 9, last_used_address: '::1', calls: 3 })
      .execute()
    await trx
      .insertInto('token_old_secrets')
      .values({
        digest: digestOf('alive before'),
        token_id: 'tok_alive',
        number: 1,
        pepper_version: 1,
        made_at: 1,
        replaced_at: 2,
        rotation_key: 'key',
        overlap: '86400',
        ends_at: 4_000_000_000,
        ends_with_first_use: 0,
        ended_at: null,
        end_reason: '',
      })
      .execute()
    await trx
      .insertInto('token_secret_usage')
      .values({ secret: 'tok_alive/1', last_used_at: 1, last_used_address: '::1', calls: 1 })
      .execute()
    await trx
      .insertInto('token_refusals')
      .values({
        token_id: 'tok_gone',
        refused: 2,
        last_refused_at: 3,
        last_refused_address: '::1',
        last_refused_reason: 'revoked',
      })
      .execute()
    await trx
      .insertInto('token_ledger')
      .values({
        token_id: 'tok_alive',
        kind: 'function',
        period: 'hour',
        starts_at: 0,
        name: 'version',
        calls: 3,
        last_at: 9,
      })
      .execute()
    await trx.insertInto('token_notes').values({ token_id: 'tok_alive', note: '<b>', ticket: 'T-1' }).execute()
    await trx.insertInto('user_preferences').values({ user_id: 1, preferences: '{}' }).execute()
    await trx.insertInto('acl_lists').values({ name: 'basic', privileges: '["list-accts"]', saved_at: 4 }).execute()
    await trx.insertInto('host_tasks').values({ kind: 'home', arguments: '{"é":"\\u2028"}', created_at: 4 }).execute()
    await trx.insertInto('meta').values({ key: 'instance_id', value: 'the instance' }).execute()
    await fillAlerts(trx)
    const session = {
      digest: 'd',
      user_id: 1,
      service: 'whm',
      security_token_digest: 's',
      address: '::1',
      created_at: 1,
      last_seen_at: 1,
    }
    await trx.insertInto('sessions').values(session).execute()
    await trx
      .insertInto('two_factor')
      .values({ user_id: 1, sealed_secret: '1.x', enabled_at: 1, last_step: 5, failures: 2, waits_until: 9 })
      .execute()
    const recovery = { digest: 'r', user_id: 1, created_at: 1, used_at: null }
    await trx.insertInto('recovery_codes').values(recovery).execute()
    await trx
      .insertInto('login_links')
      .values({
        digest: 'l',
        user_id: 1,
        service: 'whm',
        security_token_digest: 's',
        maker_id: 1,
        maker_token_id: null,
        created_at: 1,
        expires_at: 4_000_000_000,
      })
      .execute()
    await trx.insertInto('accounts').values(accountRow(1, 'example.com')).execute()
    const sizes = { disk_limit_mb: 5, bandwidth_limit_mb: null }
    const made = { name: 'basic', owner_id: 1, settings: '{}', limits: '{}', changed_at: 4, ...sizes }
    await trx.insertInto('packages').values(made).execute()
    await trx
      .insertInto('feature_lists')
      .values({ name: 'few', owner_id: null, features: '{"mysql":false}', changed_at: 4 })
      .execute()
    await trx
      .insertInto('reseller_settings')
      .values({ user_id: 1, limits: '{}', nameservers: '[]', main_ip: null, ips: '["192.0.2.9"]' })
      .execute()
    const place = { type: 'sub_domain', parent: 'example.com', document_root: 'blog', created_at: 4 }
    await trx
      .insertInto('domains')
      .values({ name: 'blog.example.com', user_id: 1, ...place })
      .execute()
    const zone = { name: 'example.com', user_id: 1, serial: 4_294_967_295, text: '; é\n\t"x"\n', changed_at: 4 }
    await trx.insertInto('zones').values(zone).execute()
    const mysql = { name: 'root_x', user_id: 1, created_at: 4 }
    await trx.insertInto('mysql_databases').values(mysql).execute()
    await trx
      .insertInto('mysql_users')
      .values({ ...mysql, sealed_hash: 'sealed' })
      .execute()
    const grant = { database_name: 'root_x', user_name: 'root_x', privileges: '["SELECT"]' }
    await trx.insertInto('mysql_grants').values(grant).execute()
    await trx.insertInto('disk_usage').values({ home: 'root', bytes: 1, files: 1, measured_at: 4 }).execute()
  })
}

const SAME_AFTERWARDS = [
  'users',
  'accounts',
  'token_old_secrets',
  'token_usage',
  'token_refusals',
  'token_secret_usage',
  'token_ledger',
  'token_notes',
  'user_preferences',
  'two_factor',
  'recovery_codes',
  'acl_lists',
  'host_tasks',
  'alerts',
  'alert_mutes',
  'expiry_reminders',
  'packages',
  'feature_lists',
  'reseller_settings',
  'domains',
  'zones',
  'mysql_databases',
  'mysql_users',
  'mysql_grants',
] as const

/** An alert that waits to be sent, a mute, a reminder, a sink and a feed. */
async function fillAlerts(trx: Kysely<Schema>): Promise<void> {
  const alerts = alertStoreOn(trx)
  await alerts.raise([
    { kind: 'old-token', reason: 'é\u2028', about: { tokenId: 'tok_gone' }, at: now, example: '::1' },
  ])
  const mute = { kind: undefined, tokenId: 'tok_alive', userId: 1, untilAt: now, createdAt: now, createdBy: 'root' }
  await alerts.mute(mute)
  await trx.insertInto('expiry_reminders').values({ token_id: 't', expires_at: 9, days: 7, reminded_at: 8 }).execute()
  await trx.insertInto('calendar_feeds').values({ digest: 'd', user_id: 1, created_at: 1 }).execute()
  const idle = { delivered_event: 0, lost: 0, attempts: 0, next_try_ms: 0, last_success_at: null, last_error: '' }
  await trx
    .insertInto('alert_sinks')
    .values({ sink: 'mail', ...idle, lease_holder: '', lease_until_ms: 0 })
    .execute()
}

async function dumpLines(file: string): Promise<readonly string[]> {
  return gunzipSync(await readFile(file))
    .toString('utf8')
    .trimEnd()
    .split('\n')
}

/** Writes the lines with a right checksum, as someone who edits a backup could. */
async function writeLines(file: string, lines: readonly string[], counts?: Record<string, number>): Promise<void> {
  const body = `${lines.slice(0, -1).join('\n')}\n`
  const end = { ...JSON.parse(lines.at(-1)!), sha256: createHash('sha256').update(body).digest('hex') }
  await writeFile(file, gzipSync(`${body}${JSON.stringify({ ...end, ...(counts && { counts }) })}\n`))
}

forEachDatabase((name, makeStorage, makeDatabase) => {
  for (const target of DATABASES) {
    test(`B4: a dump of ${name} restored to ${target} has equal counts and digests, tokens paused, sessions gone`, async () => {
      const place = await makeDatabase()
      const source = await place.open()
      await fill(source)
      const file = join(place.folder, 'backup.gz')
      await writeDumpFile(source, file, origin)
      assert.equal((await stat(file)).mode & 0o777, 0o600)
      const targetPlace = await makeTestDatabase(target)
      places.push(targetPlace)
      const restored = await targetPlace.open()
      const report = await readDump(file, restored, {
        pepper,
        now,
        beforeCommit: async (trx) => {
          await trx.insertInto('audit_entries').values(auditRow('restored')).execute()
        },
      })
      assert.equal(report.pausedTokens, 1)
      assert.equal(report.header.instanceId, 'the instance')
      assert.deepEqual(Object.fromEntries(Object.entries(report.counts).filter(([, count]) => count > 0)), {
        users: 1,
        accounts: 1,
        tokens: 453,
        token_old_secrets: 1,
        token_usage: 1,
        token_refusals: 1,
        token_secret_usage: 1,
        token_ledger: 1,
        token_notes: 1,
        user_preferences: 1,
        two_factor: 1,
        recovery_codes: 1,
        acl_lists: 1,
        audit_entries: 4,
        host_tasks: 1,
        alerts: 1,
        alert_mutes: 1,
        expiry_reminders: 1,
        meta: 1,
        packages: 1,
        feature_lists: 1,
        reseller_settings: 1,
        domains: 1,
        zones: 1,
        mysql_databases: 1,
        mysql_users: 1,
        mysql_grants: 1,
      })
      const alive = await restored.tokenByDigest(digestOf('alive'))
      assert.deepEqual([alive?.paused_at, alive?.pause_reason], [now.getTime() / 1000, 'restored'])
      const before = await restored.tokenByDigest(digestOf('alive before'))
      assert.deepEqual(
        [before?.id, before?.presented_number, before?.paused_at],
        ['tok_alive', 1, now.getTime() / 1000],
      )
      const paused = await restored.tokenByDigest(digestOf('paused'))
      assert.deepEqual([paused?.paused_at, paused?.pause_reason], [5, 'incident'])
      const gone = await restored.tokenByDigest(digestOf('gone'))
      assert.deepEqual([gone?.revoked_at, gone?.paused_at], [2, null])
      for (const table of NOT_DUMPED)
        assert.deepEqual(await restored.read.selectFrom(table).selectAll().execute(), [], table)
      for (const table of SAME_AFTERWARDS) {
        const rows = (storage: Storage): Promise<unknown> => storage.read.selectFrom(table).selectAll().execute()
        assert.deepEqual(await rows(restored), await rows(source), table)
      }
      assert.deepEqual(await tokenNames(restored), await tokenNames(source))
      assert.deepEqual(await auditTargets(restored), [...(await auditTargets(source)), 'restored'].sort())
      const seqs = await restored.read.selectFrom('audit_entries').select('seq').orderBy('seq').execute()
      assert.deepEqual(
        seqs.map((row) => row.seq),
        [1, 2, 3, 4, 5],
      )
      const mark = await restored.read.selectFrom('meta').select('value').where('key', '=', 'restored_at').execute()
      assert.deepEqual(mark, [{ value: String(now.getTime() / 1000) }])
      await addToken(restored, 'after')
    })
  }

  test('B3: a backup during changes holds every change that was acknowledged before, and pairs that belong together', async () => {
    const place = await makeDatabase()
    const storage = await place.open()
    await addRoot(storage)
    const acknowledged: string[] = []
    let isOver = false
    const changes = (async () => {
      for (let i = 0; !isOver; i++) {
        await addToken(storage, `t${i}`)
        acknowledged.push(`t${i}`)
        await new Promise(setImmediate)
      }
    })()
    const { promise: enough, resolve } = Promise.withResolvers<void>()
    const watch = setInterval(() => acknowledged.length > 300 && resolve(), 5)
    await enough
    clearInterval(watch)
    const before = [...acknowledged]
    const file = join(place.folder, 'backup.gz')
    await writeDumpFile(storage, file, origin)
    isOver = true
    await changes
    const restored = await makeStorage()
    await readDump(file, restored, { pepper, now })
    const names = await tokenNames(restored)
    assert.ok(before.every((one) => names.includes(one)))
    assert.deepEqual(await auditTargets(restored), names)
  })

  test('B3: a backup that cannot be written whole leaves no file, and the server is not troubled', async () => {
    const place = await makeDatabase()
    const storage = await place.open()
    await fill(storage)
    const target = join(place.folder, 'no such folder', 'backup.gz')
    await assert.rejects(writeDumpFile(storage, target, origin), { code: 'ENOENT' })
    await assert.rejects(writeDumpFile(storage, '/dev/full/backup.gz', origin))
    assert.equal(
      readdirSync(place.folder).some((file) => file.includes('backup')),
      false,
    )
    assert.equal(storage.health(), 'ok')
    let isFaulty = false
    const faulty = await makeStorage({
      beforeStatement: (sql) => {
        if (isFaulty && sql.includes('"acl_lists"')) throw new Error('injected')
      },
    })
    await fill(faulty)
    isFaulty = true
    const file = join(place.folder, 'backup.gz')
    await assert.rejects(writeDumpFile(faulty, file, origin), /injected/)
    assert.equal(existsSync(file), false)
    assert.equal(
      readdirSync(place.folder).some((one) => one.includes('backup')),
      false,
    )
  })

  test('B4: a dump of an older schema is restored, and what it does not know has its default', async () => {
    const place = await makeDatabase()
    const source = await place.open()
    await fill(source)
    const file = join(place.folder, 'backup.gz')
    await writeDumpFile(source, file, origin)
    const newer = /^(secret_number|secret_made_at|awaits_first_use|first_used_at|last_function)$/
    const newTables = ['token_old_secrets', 'token_refusals', 'token_secret_usage', 'token_ledger']
    const lines = (await dumpLines(file)).flatMap((line) => {
      const value = JSON.parse(line)
      if (!Array.isArray(value)) return [line]
      const [table, row] = value
      if (newTables.includes(table)) return []
      return [
        JSON.stringify([table, Object.fromEntries(Object.entries(row).filter(([column]) => !newer.test(column)))]),
      ]
    })
    const { counts } = JSON.parse(lines.at(-1)!)
    for (const table of newTables) delete counts[table]
    await writeLines(file, lines.with(0, lines[0]!.replace(/"schema":"[^"]*"/, '"schema":"0001-first"')), counts)
    const restored = await makeStorage()
    await readDump(file, restored, { pepper, now })
    const alive = await restored.tokenByDigest(digestOf('alive'))
    assert.deepEqual([alive?.presented_number, alive?.secret_number, alive?.awaits_first_use], [1, 1, 0])
    assert.equal((await tokenNames(restored)).length, 453)
  })

  test('B4: a used database, another pepper, and a cut, changed or newer file are refused, and nothing is accepted', async () => {
    const place = await makeDatabase()
    const source = await place.open()
    await fill(source)
    const file = join(place.folder, 'good.gz')
    await writeDumpFile(source, file, origin)
    const target = await makeStorage()
    const refuse = async (from: string, message: RegExp, options = { pepper, now }): Promise<void> => {
      await assert.rejects(
        readDump(from, target, options),
        (error: Error) => error.name === 'StartRefusal' && message.test(error.message),
      )
      assert.deepEqual(await target.read.selectFrom('users').selectAll().execute(), [])
      assert.deepEqual(await target.read.selectFrom('meta').selectAll().execute(), [])
    }
    await assert.rejects(readDump(file, source, { pepper, now }), { name: 'StartRefusal', message: /not empty/ })
    await refuse(file, /another pepper/, { pepper: { current: 1, peppers: new Map([[1, Buffer.alloc(32, 8)]]) }, now })
    const bytes = await readFile(file)
    const lines = await dumpLines(file)
    const bad = join(place.folder, 'bad.gz')
    for (const length of [0, 1, 20, bytes.length >> 1, bytes.length - 1]) {
      await writeFile(bad, bytes.subarray(0, length))
      await refuse(bad, /cannot be used/)
    }
    await writeFile(bad, 'not a backup')
    await refuse(bad, /cannot be used/)
    await writeFile(bad, gzipSync(`${lines.slice(0, -1).join('\n')}\n`))
    await refuse(bad, /cut off/)
    await writeFile(bad, gzipSync(`${lines.toSpliced(3, 1).join('\n')}\n`))
    await refuse(bad, /checksum/)
    await writeFile(bad, gzipSync(`${lines.join('\n').replace('tok_alive', 'tok_alike')}\n`))
    await refuse(bad, /checksum/)
    await writeLines(bad, lines.toSpliced(3, 1))
    await refuse(bad, /rows of/)
    await writeLines(bad, lines.with(0, lines[0]!.replace('"schema":"0', '"schema":"9')))
    await refuse(bad, /newer Postern/)
    await writeLines(bad, lines.with(1, '["sessions",{}]'))
    await refuse(bad, /no table of ours/)
    await writeLines(bad, lines.with(1, '["users",{"id":1,"x; drop table users":2}]'))
    await refuse(bad, /no column/)
    await refuse(join(place.folder, 'absent.gz'), /ENOENT|cannot be used/)
    await readDump(file, target, { pepper, now })
    assert.equal((await tokenNames(target)).length, 453)
  })
})
