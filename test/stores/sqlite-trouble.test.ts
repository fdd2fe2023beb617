/** What goes wrong around a SQLite file: full disks, damage, lost files, foreign locks. Each ends in a message or a known failure. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Storage } from '../../src/storage/database.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { checkSqliteVersion } from '../../src/storage/sqlite-checks.ts'
import { addRoot, addToken, auditTargets, digestOf, revokeToken, tokenNames, tokenRowOf } from './rows.ts'

const made: (() => void | Promise<void>)[] = []
after(async () => {
  for (const undo of made.reverse()) await undo()
})

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'))
  made.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function open(folder: string, before?: (sql: string) => void): Promise<Storage> {
  const storage = await openStorage({ url: undefined, folder, ...(before && { beforeStatement: before }) })
  made.push(() => storage.close())
  return storage
}

async function until(condition: () => boolean, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs
  while (!condition()) {
    assert.ok(performance.now() < end, `not within ${withinMs} ms`)
    await pause(20)
  }
}

/** A disk of 2 MiB where this process may mount one; else the same errors, thrown before each write. */
type SmallDisk = {
  readonly folder: string
  readonly isReal: boolean
  fill(): void
  free(): void
  before(sql: string): void
}

function makeSmallDisk(): SmallDisk {
  const folder = makeFolder()
  let isFull = false
  let isReal = true
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=700', 'none', folder], { stdio: 'ignore' })
    made.push(() => void execFileSync('umount', ['-l', folder]))
  } catch {
    isReal = false
  }
  const filler = join(folder, 'filler')
  return {
    folder,
    isReal,
    fill: () => {
      isFull = true
      if (isReal) fillDisk(filler)
    },
    free: () => {
      isFull = false
      rmSync(filler, { force: true })
    },
    before: (sql) => {
      if (isReal || !isFull || !/^(insert|update|delete)/.test(sql) || !existsSync(join(folder, 'reserve'))) return
      throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
    },
  }
}

function fillDisk(path: string): void {
  try {
    execFileSync('dd', ['if=/dev/zero', `of=${path}`, 'bs=4096'], { stdio: 'ignore' })
  } catch {
    // dd ends with an error when nothing more fits, which is what we want.
  }
}

test('D2: on a full disk reads go on, changes fail clearly, revokes succeed, and all is well soon after there is room', async () => {
  const disk = makeSmallDisk()
  const storage = await open(disk.folder, disk.before)
  await addRoot(storage)
  await addToken(storage, 'a')
  await addToken(storage, 'b')
  disk.fill()
  const acknowledged = ['a', 'b']
  let refused = 0
  for (let i = 0; i < 200; i++) {
    await addToken(storage, `n${i}`).then(
      () => acknowledged.push(`n${i}`),
      (error: { code?: string }) => {
        assert.equal(error.code, 'storage-full')
        refused++
      },
    )
  }
  assert.ok(refused > 0)
  assert.equal(storage.health(), 'storage-full')
  assert.deepEqual(await tokenNames(storage), acknowledged.toSorted())
  assert.equal(storage.tokenByDigest(digestOf('a')) instanceof Promise, false)
  for (const name of ['a', 'b']) await revokeToken(storage, name)
  assert.ok((await storage.tokenByDigest(digestOf('a')))?.revoked_at)
  if (disk.isReal) assert.equal(existsSync(join(disk.folder, 'reserve')), false)
  disk.free()
  await until(() => storage.health() === 'ok', 5000)
  assert.ok(existsSync(join(disk.folder, 'reserve')))
  await addToken(storage, 'later')
  await storage.close()
  const again = await open(disk.folder)
  assert.deepEqual(await tokenNames(again), [...acknowledged, 'later'].sort())
  assert.ok((await again.tokenByDigest(digestOf('b')))?.revoked_at)
})

test('D2: what the reserve left is for urgent changes alone', async () => {
  const folder = makeFolder()
  let isFull = false
  const storage = await open(folder, (sql) => {
    if (isFull && sql.startsWith('insert') && existsSync(join(folder, 'reserve'))) {
      throw Object.assign(new Error('full'), { errcode: 13 })
    }
  })
  await addRoot(storage)
  isFull = true
  const runs: string[] = []
  await storage.write(
    async (trx) => {
      runs.push('run')
      await trx.insertInto('meta').values({ key: 'a', value: '1' }).execute()
    },
    { urgent: true },
  )
  assert.deepEqual(runs, ['run', 'run'])
  // The real disk has room, so that the next change finds the reserve made again.
  isFull = false
  await addToken(storage, 'next')
  assert.equal(readFileSync(join(folder, 'reserve')).length, 1024 * 1024)
})

test('D5: a database that is empty or no database is refused, and a lost one is never replaced by a new one', async () => {
  for (const content of ['', 'this is not a database at all, but a text']) {
    const folder = makeFolder()
    writeFileSync(join(folder, 'postern.db'), content)
    await assert.rejects(open(folder), { name: 'StartRefusal' })
    assert.equal(readFileSync(join(folder, 'postern.db'), 'latin1'), content)
  }
  for (const left of ['instance.json', 'postern.db-wal', 'acknowledged']) {
    const folder = makeFolder()
    writeFileSync(join(folder, left), '')
    await assert.rejects(open(folder), { name: 'StartRefusal', message: /missing/ })
    assert.equal(existsSync(join(folder, 'postern.db')), false)
  }
})

/** A folder as `kill -9` leaves it: all in the -wal file, nothing closed. Copied by another process, whose closing frees no locks of ours. */
async function kill(): Promise<string> {
  const live = makeFolder()
  const storage = await open(live)
  await addRoot(storage)
  for (let i = 0; i < 20; i++) await addToken(storage, `t${i}`)
  await until(() => Number(readFileSync(join(live, 'acknowledged'), 'latin1')) === 20, 3000)
  const folder = makeFolder()
  execFileSync('cp', ['-a', `${live}/.`, folder])
  await storage.close()
  return folder
}

let killed: Promise<string> | undefined

async function makeKilled(): Promise<string> {
  killed ??= kill()
  const folder = makeFolder()
  cpSync(await killed, folder, { recursive: true })
  return folder
}

/** The same, closed in order: all in the main file. */
async function makeClosed(): Promise<string> {
  const folder = await makeKilled()
  const storage = await open(folder)
  await storage.close()
  return folder
}

test('D1: what was acknowledged before a kill is there after it', async () => {
  const storage = await open(await makeKilled())
  assert.equal((await tokenNames(storage)).length, 20)
  assert.equal((await auditTargets(storage)).length, 20)
})

test('D4: each kind of damage is refused at start, and the file is left as it is', async () => {
  const whole = await makeClosed()
  const bytes = readFileSync(join(whole, 'postern.db'))
  const rootOf = (object: string): number => {
    const database = new DatabaseSync(join(whole, 'postern.db'), { readOnly: true })
    const row = database.prepare('select rootpage from sqlite_schema where name = ?').get(object)
    database.close()
    return Number(row?.rootpage)
  }
  const page = (object: string): number => (rootOf(object) - 1) * 4096
  const damages: Record<string, (copy: Buffer) => Buffer> = {
    'header zeroed': (copy) => copy.fill(0, 0, 100),
    'cut in half': (copy) => copy.subarray(0, Math.floor(copy.length / 8192) * 4096),
    'cut within a page': (copy) => copy.subarray(0, copy.length - 4096 * 3 - 100),
    'a page zeroed': (copy) => copy.fill(0, page('tokens'), page('tokens') + 4096),
    'one bit flipped': (copy) => {
      copy[page('tokens') + 4] = (copy[page('tokens') + 4] ?? 0) ^ 0x40
      return copy
    },
    'an index that disagrees': (copy) => {
      const at = copy.indexOf('tok_t7', page('tokens_id'))
      copy.write('tok_t?', at, 'latin1')
      return copy
    },
  }
  for (const [what, damage] of Object.entries(damages)) {
    const folder = makeFolder()
    cpSync(whole, folder, { recursive: true })
    const damaged = damage(Buffer.from(bytes))
    writeFileSync(join(folder, 'postern.db'), damaged)
    await assert.rejects(open(folder), { name: 'StartRefusal' }, what)
    assert.ok(readFileSync(join(folder, 'postern.db')).equals(damaged), what)
  }
})

test('D4: a -wal file that is missing, cut or garbled is noticed, as is an old copy of the database', async () => {
  const damages: Record<string, (wal: string) => void> = {
    missing: (wal) => unlinkSync(wal),
    cut: (wal) => truncateSync(wal, 4096 * 30),
    garbled: (wal) => {
      const bytes = readFileSync(wal)
      bytes.fill(0x55, 32 + 4120 * 40)
      writeFileSync(wal, bytes)
    },
  }
  for (const [what, damage] of Object.entries(damages)) {
    const folder = await makeKilled()
    damage(join(folder, 'postern.db-wal'))
    await assert.rejects(open(folder), { name: 'StartRefusal' }, what)
  }
  const folder = await makeClosed()
  const old = readFileSync(join(folder, 'postern.db'))
  const storage = await open(folder)
  await addToken(storage, 'newer')
  await storage.close()
  writeFileSync(join(folder, 'postern.db'), old)
  await assert.rejects(open(folder), { name: 'StartRefusal', message: /older than what was acknowledged/ })
})

test('D4: in a large database a wrong index is found after the start, and ends all service', async () => {
  const folder = makeFolder()
  const storage = await open(folder)
  await addRoot(storage)
  await storage.write(async (trx) => {
    for (let at = 0; at < 30_000; at += 500) {
      const rows = Array.from({ length: 500 }, (_, i) => tokenRowOf(`large${at + i}`))
      await trx.insertInto('tokens').values(rows).execute()
    }
  })
  await storage.close()
  const path = join(folder, 'postern.db')
  const bytes = readFileSync(path)
  assert.ok(bytes.length > 8 * 1024 * 1024)
  // The entry in the index of public ids; the table's own row holds the digest before the id.
  let at = bytes.indexOf('tok_large12345')
  while (bytes.toString('latin1', at - 64, at) === digestOf('large12345')) at = bytes.indexOf('tok_large12345', at + 1)
  bytes.write('tok_large1234?', at, 'latin1')
  writeFileSync(path, bytes)
  const damaged = await open(folder)
  await until(() => damaged.health() === 'storage-damaged', 10_000)
  await assert.rejects(addToken(damaged, 'refused'), { code: 'storage-damaged' })
})

test('D4: a database file that is taken away while the server runs takes no more changes', async () => {
  const folder = makeFolder()
  const storage = await open(folder)
  await addRoot(storage)
  unlinkSync(join(folder, 'postern.db'))
  await assert.rejects(addToken(storage, 'lost'), { code: 'storage-damaged' })
  assert.equal(storage.health(), 'storage-damaged')
})

const HOLD_LOCK = `
  const { DatabaseSync } = require('node:sqlite')
  const database = new DatabaseSync(process.argv[1])
  database.exec('begin immediate')
  console.log('held')
  process.stdin.once('data', () => { database.exec('rollback'); database.close(); process.exit(0) })
`

test('D8: while another process holds the write lock, reads go on, the loop never stands still, and writes are busy', async (t) => {
  const folder = makeFolder()
  const storage = await open(folder)
  await addRoot(storage)
  await addToken(storage, 'before')
  const other = spawn(process.execPath, ['-e', HOLD_LOCK, join(folder, 'postern.db')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(other, 'exit')
  t.after(() => void other.kill())
  await once(other.stdout, 'data')
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const from = performance.now()
  const write = addToken(storage, 'refused').catch((error: unknown) => error)
  for (let i = 0; i < 20; i++) {
    assert.equal((await storage.tokenByDigest(digestOf('before')))?.name, 'before')
    await pause(20)
  }
  const error = await write
  const waitedMs = performance.now() - from
  delay.disable()
  assert.equal((error as { code?: string }).code, 'storage-busy')
  assert.ok(waitedMs > 1500 && waitedMs < 2500, `${waitedMs} ms`)
  assert.ok(delay.max / 1e6 < 100, `${delay.max / 1e6} ms`)
  const waiting = addToken(storage, 'waited')
  other.stdin.write('go\n')
  await waiting
  await ended
  assert.deepEqual(await tokenNames(storage), ['before', 'waited'])
  assert.equal(storage.health(), 'ok')
})

test('B2: a SQLite older than 3.51.3 is refused', () => {
  for (const old of ['3.51.2', '3.50.4', '3.7.0'])
    assert.throws(() => checkSqliteVersion(old), { name: 'StartRefusal' })
  for (const good of ['3.51.3', '3.52.1', '3.53.4', '4.0.0']) checkSqliteVersion(good)
})

test('K5: all files are for the owner alone, whatever the umask', async () => {
  const folder = makeFolder()
  const umask = process.umask(0)
  try {
    const storage = await open(folder)
    await addRoot(storage)
    for (const name of readdirSync(folder)) {
      const mode = execFileSync('stat', ['-c', '%a', join(folder, name)], { encoding: 'latin1' }).trim()
      assert.equal(mode, '600', name)
    }
  } finally {
    process.umask(umask)
  }
})
