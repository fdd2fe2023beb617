import assert from 'node:assert/strict'
import { chmod, link, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Failure } from '../../failures.ts'
import { makeDiskMeter } from './disk-usage.ts'
import { makeEmbeddedHost } from './embedded.ts'

const folders: string[] = []

after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-host-'))
  folders.push(folder)
  return folder
}

async function makeHost() {
  const folder = await makeFolder()
  const home = join(folder, 'home')
  return { folder, home, host: makeEmbeddedHost(folder), inside: (name: string) => readdir(join(home, name)) }
}

const modeOf = async (path: string) => (await lstat(path)).mode & 0o777
const isThere = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  )

test('a new home has its skeleton and modes, and nothing is left in the staging folder', async () => {
  const { host, home, inside } = await makeHost()
  await host.createHome('bob')
  assert.deepEqual(await inside('bob'), ['etc', 'logs', 'mail', 'public_html', 'ssl', 'tmp'])
  assert.equal(await modeOf(join(home, 'bob')), 0o711)
  assert.equal(await modeOf(join(home, 'bob/public_html')), 0o750)
  assert.equal(await modeOf(join(home, 'bob/ssl')), 0o700)
  assert.deepEqual(await inside('.staging'), [])
})

test('a leftover folder of the name is put aside whole, never reused and never deleted', async () => {
  const { host, home, inside } = await makeHost()
  await mkdir(join(home, 'bob'), { recursive: true })
  await writeFile(join(home, 'bob/secret.txt'), 'of the former bob')
  await host.createHome('bob')
  assert.equal(await isThere(join(home, 'bob/secret.txt')), false)
  const [aside = ''] = await inside('.orphaned')
  assert.match(aside, /^bob-\d+-[0-9a-f]{8}$/)
  assert.equal(await readFile(join(home, '.orphaned', aside, 'secret.txt'), 'utf8'), 'of the former bob')
})

test('a link in the place of a home is put aside and what it points to stays untouched', async () => {
  const { host, folder, home } = await makeHost()
  await mkdir(join(folder, 'elsewhere'))
  await mkdir(home)
  await symlink(join(folder, 'elsewhere'), join(home, 'bob'))
  await host.createHome('bob')
  assert.equal((await lstat(join(home, 'bob'))).isDirectory(), true)
  assert.deepEqual(await readdir(join(folder, 'elsewhere')), [])
})

test('names that could leave the folder are refused by every operation', async () => {
  const { host, home } = await makeHost()
  for (const name of ['..', '.orphaned', 'a/b', '', 'Bob', '1bob', 'a'.repeat(17), 'bob\u0000', 'bob\n']) {
    await assert.rejects(host.createHome(name), /no name of a home/)
    await assert.rejects(host.undoCreateHome(name), /no name of a home/)
    await assert.rejects(host.carryOut({ kind: 'remove-home', home: name }), /no name of a home/)
    await assert.rejects(host.carryOut({ kind: 'rename-home', from: 'bob', to: name }), /no name of a home/)
    await assert.rejects(host.diskUsage(name), /no name of a home/)
  }
  assert.deepEqual(
    (await readdir(home)).filter((name) => !name.startsWith('.')),
    [],
  )
})

test('a creation that was not committed is taken back', async () => {
  const { host, home, inside } = await makeHost()
  await host.createHome('bob')
  await host.undoCreateHome('bob')
  assert.equal(await isThere(join(home, 'bob')), false)
  assert.deepEqual(await inside('.removed'), [])
})

test('taking back a creation leaves a folder alone that this process did not make', async () => {
  const { host, home } = await makeHost()
  await mkdir(join(home, 'bob'), { recursive: true })
  await host.undoCreateHome('bob')
  assert.equal(await isThere(join(home, 'bob')), true)
})

test('a late undo does not take away the folder of the next account with that name', async () => {
  const { host, home } = await makeHost()
  await host.createHome('bob')
  await host.createHome('bob')
  await host.undoCreateHome('bob')
  assert.equal(await isThere(join(home, 'bob/public_html')), true)
})

test('when both of two creations are taken back, nothing is left in the place', async () => {
  const { host, home } = await makeHost()
  await host.createHome('bob')
  await host.createHome('bob')
  await host.undoCreateHome('bob')
  await host.undoCreateHome('bob')
  assert.equal(await isThere(join(home, 'bob')), false)
})

test('removal takes everything inside, leaves what links point to, and may be repeated', async () => {
  const { host, folder, home, inside } = await makeHost()
  await writeFile(join(folder, 'precious.txt'), 'stays')
  await mkdir(join(folder, 'precious'))
  await writeFile(join(folder, 'precious/too.txt'), 'stays')
  await host.createHome('bob')
  await symlink(join(folder, 'precious'), join(home, 'bob/public_html/link'))
  await symlink(join(folder, 'precious.txt'), join(home, 'bob/link.txt'))
  await mkdir(join(home, 'bob/tmp/closed/inner'), { recursive: true })
  await chmod(join(home, 'bob/tmp/closed'), 0)
  await host.carryOut({ kind: 'remove-home', home: 'bob' })
  await host.carryOut({ kind: 'remove-home', home: 'bob' })
  assert.equal(await isThere(join(home, 'bob')), false)
  assert.deepEqual(await inside('.removed'), [])
  assert.equal(await readFile(join(folder, 'precious.txt'), 'utf8'), 'stays')
  assert.equal(await readFile(join(folder, 'precious/too.txt'), 'utf8'), 'stays')
})

test('a rename carries the files, may be repeated, and puts a stranger in its way aside', async () => {
  const { host, home, inside } = await makeHost()
  await host.createHome('bob')
  await writeFile(join(home, 'bob/mine.txt'), 'x')
  await mkdir(join(home, 'robert'))
  await host.carryOut({ kind: 'rename-home', from: 'bob', to: 'robert' })
  await host.carryOut({ kind: 'rename-home', from: 'bob', to: 'robert' })
  assert.equal(await isThere(join(home, 'robert/mine.txt')), true)
  assert.equal(await isThere(join(home, 'bob')), false)
  assert.equal((await inside('.orphaned')).length, 1)
})

test('the start makes what is missing, puts strangers aside and clears half-done work', async () => {
  const { host, home, inside } = await makeHost()
  await host.createHome('bob')
  await host.createHome('stranger')
  await mkdir(join(home, '.staging/half/public_html'), { recursive: true })
  await mkdir(join(home, '.removed/doomed/mail'), { recursive: true })
  assert.deepEqual(await host.reconcile(['alice', 'bob']), { made: ['alice'], putAside: ['stranger'] })
  assert.deepEqual(await inside('.staging'), [])
  assert.deepEqual(await inside('.removed'), [])
  assert.equal(await isThere(join(home, 'alice/public_html')), true)
  assert.match((await inside('.orphaned')).join(), /^stranger-/)
  assert.deepEqual(await host.reconcile(['alice', 'bob']), { made: [], putAside: [] })
})

test('the start leaves alone what waits for earlier work, and brings in order all the rest', async () => {
  const { host, home } = await makeHost()
  for (const name of ['former', 'stranger']) await host.createHome(name)
  const busy = new Set(['former', 'later'])
  assert.deepEqual(await host.reconcile(['alice', 'later'], busy), { made: ['alice'], putAside: ['stranger'] })
  assert.deepEqual([await isThere(join(home, 'former')), await isThere(join(home, 'later'))], [true, false])
})

test('what the machine cannot do is a failure that keeps the cause, and nothing is left behind', async () => {
  const folder = await makeFolder()
  await writeFile(join(folder, 'home'), 'a file where the folder belongs')
  const host = makeEmbeddedHost(folder)
  await assert.rejects(host.createHome('bob'), (error) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.code, 'host-failed')
    assert.equal(error.message, 'The machine could not make the folder of “bob”. Nothing was changed.')
    assert.ok(error.cause instanceof Error)
    return true
  })
})

test('disk usage counts entries once and does not follow links', async () => {
  const { host, folder, home } = await makeHost()
  await host.createHome('bob')
  const before = await makeDiskMeter().measure(join(home, 'bob'))
  assert.equal(before.files, 7)
  await writeFile(join(folder, 'big'), Buffer.alloc(1_000_000, 1))
  await symlink(folder, join(home, 'bob/link'))
  await writeFile(join(home, 'bob/tmp/a'), Buffer.alloc(100_000, 1))
  await link(join(home, 'bob/tmp/a'), join(home, 'bob/tmp/b'))
  const { bytes, files } = await host.diskUsage('bob')
  assert.equal(files, 9)
  assert.ok(bytes - before.bytes >= 100_000 && bytes - before.bytes < 200_000)
})

test('disk usage of a missing home is nothing', async () => {
  const { host } = await makeHost()
  assert.deepEqual(await host.diskUsage('bob'), { bytes: 0, files: 0 })
})

test('disk usage is measured anew after a minute, and at once for a new folder', async () => {
  const { host, home } = await makeHost()
  await host.createHome('bob')
  let nowMs = 0
  const meter = makeDiskMeter(() => nowMs)
  const path = join(home, 'bob')
  assert.equal((await meter.measure(path)).files, 7)
  await writeFile(join(path, 'new'), '')
  nowMs = 59_999
  assert.equal((await meter.measure(path)).files, 7)
  nowMs = 60_000
  assert.equal((await meter.measure(path)).files, 8)
  await host.diskUsage('carl')
  await host.createHome('carl')
  assert.equal((await host.diskUsage('carl')).files, 7)
})
