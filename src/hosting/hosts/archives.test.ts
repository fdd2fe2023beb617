import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  statfs,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { extract, list } from 'tar'
import { Failure } from '../../failures.ts'
import { writeArchive } from './archives.ts'
import { makeEmbeddedHost } from './embedded.ts'

const folders: string[] = []
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-archive-'))
  folders.push(folder)
  return folder
}

async function makeHost() {
  const folder = await makeFolder()
  const host = makeEmbeddedHost(folder)
  await host.createHome('bob')
  return { folder, host, inHome: (path: string) => join(folder, 'home/bob', path) }
}

const isTooLarge = (error: unknown) => error instanceof Failure && error.code === 'archive-too-large'

/** The entries of an archive, with what links lead to. */
async function entriesOf(file: string): Promise<ReadonlyMap<string, string>> {
  const entries = new Map<string, string>()
  await list({
    file,
    onReadEntry: (entry) => void entries.set(entry.path, `${entry.type} ${entry.linkpath ?? ''}`.trim()),
  })
  return entries
}

test('an archive holds the record and every file, is readable by its owner alone, and nothing else is left', async () => {
  const { folder, host, inHome } = await makeHost()
  await writeFile(inHome('public_html/index.html'), '<p>é</p>')
  await writeFile(inHome('tmp/empty'), '')
  await writeFile(inHome('tmp/big'), Buffer.alloc(1_000_000, 7))
  const long = `${'long-name-'.repeat(20)}end`
  await writeFile(inHome(`tmp/${long}`), 'long')
  await mkdir(inHome('tmp/ü b'))
  await writeFile(inHome('tmp/ü b/c'), 'c', { mode: 0o640 })
  const path = await host.writeArchive('bob', '2026-11-25', '{"user":"bob"}\n')
  assert.equal(path, join(folder, 'backups/2026-11-25/bob.tar.gz'))
  assert.equal((await lstat(path)).mode & 0o777, 0o600)
  assert.equal((await lstat(join(folder, 'backups/2026-11-25'))).mode & 0o777, 0o700)
  const out = await makeFolder()
  await extract({ file: path, cwd: out })
  assert.equal(await readFile(join(out, 'bob/account.json'), 'utf8'), '{"user":"bob"}\n')
  assert.equal(await readFile(join(out, 'bob/home/public_html/index.html'), 'utf8'), '<p>é</p>')
  assert.deepEqual(await readFile(join(out, 'bob/home/tmp/big')), Buffer.alloc(1_000_000, 7))
  assert.equal(await readFile(join(out, 'bob/home/tmp/empty'), 'utf8'), '')
  assert.equal(await readFile(join(out, `bob/home/tmp/${long}`), 'utf8'), 'long')
  assert.equal((await lstat(join(out, 'bob/home/tmp/ü b/c'))).mode & 0o777, 0o640)
  assert.deepEqual(await readdir(join(folder, 'backups/.staging')), [])
  assert.deepEqual(await host.listArchives(), [{ date: '2026-11-25', home: 'bob', path }])
})

test('links are kept as links, and nothing of what they point to is in the archive', async () => {
  const { folder, host, inHome } = await makeHost()
  await writeFile(join(folder, 'secret.txt'), 'of the server')
  await symlink(join(folder, 'secret.txt'), inHome('public_html/file'))
  await symlink(folder, inHome('public_html/folder'))
  await symlink('..', inHome('public_html/up'))
  await symlink('self', inHome('public_html/self'))
  const entries = await entriesOf(await host.writeArchive('bob', '2026-11-25', '{}'))
  assert.equal(entries.get('bob/home/public_html/file'), `SymbolicLink ${join(folder, 'secret.txt')}`)
  assert.equal(entries.get('bob/home/public_html/up'), 'SymbolicLink ..')
  assert.equal([...entries.keys()].filter((name) => name.includes('secret')).length, 0)
  assert.equal([...entries.keys()].filter((name) => name.includes('/folder/')).length, 0)
})

test('a home that is a link itself gives an archive without files', async () => {
  const { folder, host } = await makeHost()
  await rm(join(folder, 'home/bob'), { recursive: true })
  await symlink('/etc', join(folder, 'home/bob'))
  const entries = await entriesOf(await host.writeArchive('bob', '2026-11-25', '{}'))
  assert.deepEqual([...entries.keys()], ['bob/account.json'])
})

test('what may not be read is left out, and the rest is in the archive', async () => {
  const { host, inHome } = await makeHost()
  await mkdir(inHome('tmp/closed'))
  await writeFile(inHome('tmp/closed/x'), 'x')
  await writeFile(inHome('tmp/open'), 'y')
  await chmod(inHome('tmp/closed'), 0)
  const entries = await entriesOf(await host.writeArchive('bob', '2026-11-25', '{}'))
  await chmod(inHome('tmp/closed'), 0o700)
  assert.ok(entries.has('bob/home/tmp/open'))
})

test('a second archive of a day takes the place of the first; other days and other files stay', async () => {
  const { folder, host, inHome } = await makeHost()
  await host.writeArchive('bob', '2026-11-24', '{}')
  await host.writeArchive('bob', '2026-11-25', '{}')
  await writeFile(inHome('later'), 'x')
  const path = await host.writeArchive('bob', '2026-11-25', '{}')
  assert.ok((await entriesOf(path)).has('bob/home/later'))
  await writeFile(join(folder, 'backups/2026-11-25/note.txt'), '')
  await mkdir(join(folder, 'backups/2026-11-25/folder.tar.gz'))
  await symlink(path, join(folder, 'backups/2026-11-25/link.tar.gz'))
  assert.deepEqual(
    (await host.listArchives()).map(({ date, home }) => `${date} ${home}`),
    ['2026-11-24 bob', '2026-11-25 bob'],
  )
})

test('an archive that cannot be written whole leaves nothing, and the one before stays', async () => {
  const { folder, host } = await makeHost()
  const path = await host.writeArchive('bob', '2026-11-25', '{"first":1}')
  const before = await readFile(path)
  await rm(join(folder, 'backups/.staging'), { recursive: true })
  await writeFile(join(folder, 'backups/.staging'), 'a file where the folder belongs')
  await assert.rejects(host.writeArchive('bob', '2026-11-25', '{}'), (error) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.message, 'The machine could not write an archive of “bob”. Nothing was changed.')
    return true
  })
  assert.deepEqual(await readFile(path), before)
})

test('a file of holes that is larger than the disk is refused at once, one that fits is archived, and nothing is left behind', async () => {
  const { folder, host, inHome } = await makeHost()
  await writeFile(inHome('tmp/sparse'), randomBytes(50_000))
  await truncate(inHome('tmp/sparse'), 20_000_000)
  const path = await host.writeArchive('bob', '2026-11-25', '{}')
  const before = await readFile(path)
  assert.ok(before.length < 200_000, String(before.length))
  const out = await makeFolder()
  await extract({ file: path, cwd: out })
  assert.equal((await lstat(join(out, 'bob/home/tmp/sparse'))).size, 20_000_000)
  const { bavail, bsize } = await statfs(folder)
  await truncate(inHome('tmp/sparse'), 2 * bavail * bsize)
  await assert.rejects(host.writeArchive('bob', '2026-11-25', '{}'), isTooLarge)
  assert.deepEqual(await readFile(path), before)
  assert.deepEqual(await readdir(join(folder, 'backups/.staging')), [])
})

test('an archive that would fill the disk is given up before it does', async () => {
  const folder = await makeFolder()
  const home = await makeFolder()
  await writeFile(join(home, 'noise'), randomBytes(300_000))
  const request = { date: '2026-11-25', home: 'bob', path: home, record: '{}' }
  const kept = 64 * 1024 * 1024
  const fits = (room: number) => writeArchive(folder, request, async () => kept + room)
  await assert.rejects(fits(200_000), isTooLarge)
  assert.deepEqual([await readdir(join(folder, '.staging')), await readdir(join(folder, '2026-11-25'))], [[], []])
  assert.equal(await fits(400_000), join(folder, '2026-11-25/bob.tar.gz'))
})

test('names and dates that could lead elsewhere are refused, and unfinished archives are cleared at the start', async () => {
  const { folder, host } = await makeHost()
  for (const name of ['..', 'a/b', '', 'Bob', 'bob\n'])
    await assert.rejects(host.writeArchive(name, '2026-11-25', '{}'), /no name of a home/)
  for (const date of ['..', '2026-11-25/../..', '', '2026-1-1'])
    await assert.rejects(host.writeArchive('bob', date, '{}'), /no date/)
  await mkdir(join(folder, 'backups/.staging'), { recursive: true })
  await writeFile(join(folder, 'backups/.staging/half'), 'x')
  await host.reconcile(['bob'])
  assert.deepEqual(await readdir(join(folder, 'backups')), [])
})
