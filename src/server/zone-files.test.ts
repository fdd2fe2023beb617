import assert from 'node:assert/strict'
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { zoneFileName } from '../hosting/zones/zone.ts'
import { openStorage } from '../storage/open-storage.ts'
import { zoneStoreOn } from '../storage/zone-store.ts'
import { makeZoneFiles, type ZoneFilesOptions } from './zone-files.ts'

const undo: (() => unknown)[] = []
after(async () => {
  for (const step of undo.reverse()) await step()
})

async function makeWorld(more: Partial<ZoneFilesOptions> = {}) {
  const data = await mkdtemp(join(tmpdir(), 'postern-test-'))
  const storage = await openStorage({ url: undefined, folder: data })
  undo.push(async () => {
    await storage.close()
    await rm(data, { recursive: true })
  })
  const folder = join(data, 'zones')
  const files = makeZoneFiles({ folder, isPublic: false, command: [], ...more }, storage)
  const put = (name: string, text: string) =>
    storage.write(async (trx) => {
      await zoneStoreOn(trx).remove(name)
      await zoneStoreOn(trx).insert({ name, ownerId: undefined, serial: 1, text }, new Date(0))
    })
  const drop = (name: string) => storage.write((trx) => zoneStoreOn(trx).remove(name))
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  return { data, folder, files, put, drop, read }
}
const statement = (folder: string, zone: string) =>
  `zone "${zone}" IN { type primary; file "${folder}/${zone}.db"; };\n`

test('a zone is written as the database has it, listed for the name server, and taken away when it is gone', async () => {
  const { folder, files, put, drop, read } = await makeWorld()
  await put('b.example', 'one\n')
  await files.write('b.example')
  await put('a.example', 'two\n')
  await files.write('a.example')
  assert.deepEqual([read('b.example.db'), read('a.example.db')], ['one\n', 'two\n'])
  assert.equal(read('zones.conf'), statement(folder, 'a.example') + statement(folder, 'b.example'))
  await put('b.example', 'three\n')
  await files.write('b.example')
  await files.write('b.example')
  assert.equal(read('b.example.db'), 'three\n')
  await drop('a.example')
  for (const _ of [1, 2]) await files.write('a.example')
  assert.equal(existsSync(join(folder, 'a.example.db')), false)
  assert.equal(read('zones.conf'), statement(folder, 'b.example'))
  assert.deepEqual(readdirSync(folder), ['b.example.db', 'zones.conf'])
})

test('files are for this user alone in the data folder, and for everybody where a folder was chosen', async () => {
  const modes = async (isPublic: boolean) => {
    const before = process.umask(0o077)
    try {
      const { folder, files, put } = await makeWorld({ isPublic })
      await put('a.example', 'x\n')
      await files.write('a.example')
      return ['', 'a.example.db', 'zones.conf'].map((name) => lstatSync(join(folder, name)).mode & 0o777)
    } finally {
      process.umask(before)
    }
  }
  assert.deepEqual(await modes(false), [0o700, 0o600, 0o600])
  assert.deepEqual(await modes(true), [0o755, 0o644, 0o644])
})

test('at the start what is missing or another is written, and what is no zone’s is put aside, never deleted', async () => {
  const { folder, files, put, read } = await makeWorld()
  for (const name of ['kept.example', 'lost.example', 'other.example']) await put(name, `${name}\n`)
  for (const name of ['kept.example', 'lost.example', 'other.example']) await files.write(name)
  await rm(join(folder, 'lost.example.db'))
  writeFileSync(join(folder, 'other.example.db'), 'older\n')
  writeFileSync(join(folder, 'stranger.db'), 'keep me\n')
  writeFileSync(join(folder, 'notes.txt'), 'not ours to touch\n')
  assert.deepEqual(await files.reconcile(), { made: ['lost.example', 'other.example'], putAside: ['stranger.db'] })
  assert.deepEqual([read('lost.example.db'), read('other.example.db')], ['lost.example\n', 'other.example\n'])
  const [aside = ''] = readdirSync(join(folder, '.orphaned'))
  assert.equal(read(join('.orphaned', aside)), 'keep me\n')
  assert.equal(read('notes.txt'), 'not ours to touch\n')
  assert.deepEqual(await files.reconcile(), { made: [], putAside: [] })
})

test('the command hears the name of a changed zone as one argument, and no name when a zone came or went', async () => {
  const data = await mkdtemp(join(tmpdir(), 'postern-test-'))
  undo.push(() => rm(data, { recursive: true }))
  const log = join(data, 'log')
  writeFileSync(join(data, 'tell'), `#!/bin/sh\nprintf '%s\\n' "$# $*" >>${log}\n`, { mode: 0o700 })
  const { files, put, drop } = await makeWorld({ command: [join(data, 'tell'), 'reload', '$(x);y', 'ZONE'] })
  await put('a.example', 'x\n')
  await files.write('a.example')
  await files.write('a.example')
  await drop('a.example')
  await files.write('a.example')
  await files.reconcile()
  assert.deepEqual(readFileSync(log, 'utf8').split('\n'), [
    '2 reload $(x);y',
    '3 reload $(x);y a.example',
    '2 reload $(x);y',
    '',
  ])
})

test('a name server that was not reached hears of a new zone without its name, until it has heard', async () => {
  const data = await mkdtemp(join(tmpdir(), 'postern-test-'))
  undo.push(() => rm(data, { recursive: true }))
  const [log, away] = [join(data, 'log'), join(data, 'away')]
  writeFileSync(join(data, 'tell'), `#!/bin/sh\nprintf '%s\\n' "$*" >>${log}\ntest ! -e ${away}\n`, { mode: 0o700 })
  const { files, put } = await makeWorld({ command: [join(data, 'tell'), 'reload', 'ZONE'] })
  writeFileSync(away, '')
  await put('a.example', 'x\n')
  for (const _ of [1, 2]) await assert.rejects(files.write('a.example'), /failed/)
  await rm(away)
  for (const _ of [1, 2]) await files.write('a.example')
  assert.deepEqual(readFileSync(log, 'utf8').trim().split('\n'), ['reload', 'reload', 'reload', 'reload a.example'])
})

test('a command that fails or is not there is a failure of the task, after the file was written', async () => {
  for (const [command, said] of [
    [['/bin/sh', '-c', 'echo no such zone >&2; exit 3'], /failed: no such zone/],
    [['/nonexistent/rndc'], /ENOENT/],
  ] as const) {
    const { files, put, read } = await makeWorld({ command })
    await put('a.example', 'x\n')
    await assert.rejects(files.write('a.example'), said)
    assert.equal(read('a.example.db'), 'x\n')
  }
})

test('a command that does not end is ended, and not run again for a while: what waits behind it is not held up each time', async () => {
  const data = await mkdtemp(join(tmpdir(), 'postern-test-'))
  undo.push(() => rm(data, { recursive: true }))
  const log = join(data, 'log')
  writeFileSync(join(data, 'hang'), `#!/bin/sh\necho run >>${log}\nexec sleep 600\n`, { mode: 0o700 })
  const { files, put, read } = await makeWorld({ command: [join(data, 'hang'), 'ZONE'], commandTimeoutMs: 2000 })
  await put('a.example', 'x\n')
  await assert.rejects(files.write('a.example'), /failed/)
  await put('b.example', 'y\n')
  for (const zone of ['a.example', 'b.example'])
    await assert.rejects(files.write(zone), /did not end in time, and rests/)
  assert.equal(readFileSync(log, 'utf8'), 'run\n')
  assert.equal(read('b.example.db'), 'y\n')
})

test('names that are too long for a file have a short one of their own, and nothing leads out of the folder', () => {
  const long = `${'a.'.repeat(120)}example.com`
  assert.ok(zoneFileName(long).length < 150)
  assert.notEqual(zoneFileName(long), zoneFileName(`b.${long.slice(2)}`))
  assert.equal(zoneFileName('a.example'), 'a.example.db')
  for (const name of ['', '.', '..', '../x', 'a/b', '.hidden', 'a b', 'a\nb', 'A.example'])
    assert.throws(() => zoneFileName(name), /no name of a zone/)
})
