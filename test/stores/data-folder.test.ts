/** The data folder: who may see it, who may hold it, and that a lost file never becomes a fresh install. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type DataFolder, openDataFolder } from '../../src/storage/data-folder.ts'
import type { Storage } from '../../src/storage/database.ts'
import { checkFolder } from '../../src/storage/folder-checks.ts'
import { pepperCheck, pepperMatches } from '../../src/storage/pepper-file.ts'
import { forEachDatabase, type TestDatabase } from './databases.ts'
import { addRoot } from './rows.ts'

const refused = (message: RegExp) => (error: unknown) =>
  error instanceof Error && error.name === 'StartRefusal' && message.test(error.message)

/** Opens the folder, runs the step, and leaves the folder free again. */
async function inFolder<T>(path: string, step: (folder: DataFolder) => Promise<T>): Promise<T> {
  const folder = await openDataFolder(path)
  try {
    return await step(folder)
  } finally {
    await folder.close()
  }
}

async function inStorage<T>(place: TestDatabase, step: (storage: Storage) => Promise<T>): Promise<T> {
  const storage = await place.open()
  try {
    return await step(storage)
  } finally {
    await storage.close()
  }
}

/** As `serve` does: a first start sets up, any other goes on. */
const start = (place: TestDatabase, path = place.folder): Promise<boolean> =>
  inFolder(path, (folder) =>
    inStorage(place, async (storage) => {
      const isFirst = await folder.isFirstStart(storage)
      if (isFirst) {
        await addRoot(storage)
        await folder.finishSetUp(storage)
      }
      return isFirst
    }),
  )

forEachDatabase((name, _makeStorage, makeDatabase) => {
  test('a new folder is a first start once, with a pepper, a marker and everything for the owner alone', async () => {
    const place = await makeDatabase()
    await rm(place.folder, { recursive: true })
    const umask = process.umask(0)
    try {
      assert.equal(await start(place), true)
    } finally {
      process.umask(umask)
    }
    assert.equal((await stat(place.folder)).mode & 0o777, 0o700)
    for (const file of await readdir(place.folder)) {
      assert.equal((await stat(join(place.folder, file))).mode & 0o777, 0o600, file)
    }
    const marker = JSON.parse(await readFile(join(place.folder, 'instance.json'), 'utf8'))
    assert.deepEqual(Object.keys(marker), ['instanceId', 'createdAt', 'database'])
    assert.equal(marker.database, name)
    assert.match(
      await readFile(join(place.folder, 'pepper'), 'utf8'),
      /^\{"current":1,"peppers":\{"1":"[\w-]{43}"\}\}\n$/,
    )
    assert.equal(await start(place), false)
  })

  test('D5: a pepper that is missing, spoiled or another one is refused, and never made anew', async () => {
    const place = await makeDatabase()
    await start(place)
    const pepper = join(place.folder, 'pepper')
    const kept = await readFile(pepper)
    await rm(pepper)
    await assert.rejects(start(place), refused(/pepper file .* missing/))
    assert.equal((await readdir(place.folder)).includes('pepper'), false)
    for (const content of ['', '{}', '{"current":2,"peppers":{"1":"AA"}}']) {
      await writeFile(pepper, content, { mode: 0o600 })
      await assert.rejects(start(place), refused(/cannot be understood/))
    }
    const another = JSON.stringify({ current: 1, peppers: { 1: Buffer.alloc(32, 7).toString('base64url') } })
    await writeFile(pepper, another)
    await assert.rejects(start(place), refused(/another pepper/))
    await writeFile(pepper, kept)
    assert.equal(await start(place), false)
  })

  test('D5: a folder with accounts in it, whose other files are gone, is no new one', async () => {
    const place = await makeDatabase()
    await mkdir(join(place.folder, 'home', 'alice'), { recursive: true })
    await assert.rejects(
      start(place),
      refused(/folders of accounts in .*home, but the pepper file .*pepper is missing/),
    )
    assert.equal((await readdir(place.folder)).includes('pepper'), false)
    await rm(join(place.folder, 'home', 'alice'), { recursive: true })
    await mkdir(join(place.folder, 'home', '.staging'))
    assert.equal(await start(place), true)
  })

  test('D5: an emptied database, or one of another instance, is refused in a folder that was set up', async () => {
    const [place, other] = [await makeDatabase(), await makeDatabase()]
    await start(place)
    await start(other)
    if (name === 'sqlite') {
      await rename(join(other.folder, 'postern.db'), join(place.folder, 'postern.db'))
      await assert.rejects(start(place), refused(/not the one/))
      await truncate(join(place.folder, 'postern.db'), 0)
      await assert.rejects(start(place), refused(/empty/))
      await rm(join(place.folder, 'postern.db'))
      await assert.rejects(start(place), refused(/missing/))
      assert.equal((await readdir(place.folder)).includes('postern.db'), false)
    } else {
      await assert.rejects(start(other, place.folder), refused(/not the one/))
      await assert.rejects(start(await makeDatabase(), place.folder), refused(/empty/))
    }
  })

  test('a crash in the first set-up, at whatever moment, leads to one set-up', async () => {
    const place = await makeDatabase()
    const claimed = await inFolder(place.folder, (folder) =>
      inStorage(place, (storage) => folder.isFirstStart(storage)),
    )
    assert.equal(claimed, true)
    const again = await inFolder(place.folder, (folder) =>
      inStorage(place, async (storage) => {
        const isFirst = await folder.isFirstStart(storage)
        await addRoot(storage)
        return isFirst
      }),
    )
    assert.equal(again, true)
    assert.equal((await readdir(place.folder)).includes('instance.json'), false)
    assert.equal(await start(place), false)
    assert.equal((await readdir(place.folder)).includes('instance.json'), true)
  })

  test('a pepper that nothing came to depend on does not stay behind', async () => {
    const place = await makeDatabase()
    await inFolder(place.folder, async () => {})
    assert.equal((await readdir(place.folder)).includes('pepper'), false)
  })

  if (name === 'postgres') {
    test('a second node starts only with a copy of the pepper file', async () => {
      const [place, second] = [await makeDatabase(), await makeDatabase()]
      await start(place)
      await assert.rejects(start(place, second.folder), refused(/another pepper/))
      assert.equal((await readdir(second.folder)).includes('pepper'), false)
      await writeFile(join(second.folder, 'pepper'), await readFile(join(place.folder, 'pepper')), { mode: 0o600 })
      assert.equal(await start(place, second.folder), false)
      assert.ok((await readdir(second.folder)).includes('instance.json'))
    })

    test('two first nodes at once: one sets up, the other is told to copy the pepper', async () => {
      const [place, second] = [await makeDatabase(), await makeDatabase()]
      const starts = await Promise.allSettled([start(place), start(place, second.folder)])
      assert.equal(starts.filter((one) => one.status === 'fulfilled' && one.value).length, 1)
      const other = starts.find((one) => one.status === 'rejected')
      assert.ok(other && refused(/another pepper/)(other.reason))
    })

    test('a folder of a PostgreSQL instance is not set up again on SQLite when its URL is lost', async () => {
      const place = await makeDatabase()
      await start(place)
      await assert.rejects(start({ ...place, open: (await sqliteIn(place.folder)).open }), refused(/missing/))
    })
  }

  test('D3: what others could read or change, links, and foreign owners are refused with path and remedy', async () => {
    const place = await makeDatabase()
    await start(place)
    await mkdir(join(place.folder, 'tls'))
    await writeFile(join(place.folder, 'tls/key.pem'), 'key', { mode: 0o600 })
    const secrets = ['pepper', 'tls/key.pem', ...(name === 'sqlite' ? ['postern.db'] : [])]
    for (const file of secrets) {
      const path = join(place.folder, file)
      for (const mode of [0o644, 0o640, 0o620]) {
        await chmod(path, mode)
        await assert.rejects(
          start(place),
          (error: { message?: string; remedy?: string }) =>
            refused(/other users/)(error) &&
            error.message?.includes(path) === true &&
            error.remedy?.includes('chmod 600') === true,
        )
      }
      await chmod(path, 0o600)
      await rename(path, `${path}.real`)
      await symlink(`${path}.real`, path)
      await assert.rejects(start(place), refused(/is a link/))
      await rm(path)
      await rename(`${path}.real`, path)
    }
    await chmod(place.folder, 0o770)
    await assert.rejects(start(place), refused(/changed by other users/))
    await chmod(place.folder, 0o711)
    assert.equal(await start(place), false)
    assert.equal((await stat(place.folder)).mode & 0o777, 0o711)
  })

  test('C7: a second server in one folder is refused, naming the first, and a killed one frees the folder at once', async () => {
    const place = await makeDatabase()
    await start(place)
    const folder = await openDataFolder(place.folder)
    await assert.rejects(openDataFolder(place.folder), refused(new RegExp(`process ${process.pid}\\b`)))
    await folder.close()
    const holder = spawn(process.execPath, ['--input-type=module-typescript', '-e', HOLD_FOLDER, place.folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    await assert.rejects(openDataFolder(place.folder), refused(new RegExp(`process ${holder.pid}\\b`)))
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    assert.equal(await start(place), false)
  })
})

const HOLD_FOLDER = `
  import { openDataFolder } from ${JSON.stringify(new URL('../../src/storage/data-folder.ts', import.meta.url).href)}
  await openDataFolder(process.argv[1])
  console.log('held')
  setInterval(() => {}, 1000)
`

async function sqliteIn(folder: string): Promise<Pick<TestDatabase, 'open'>> {
  const { openStorage } = await import('../../src/storage/open-storage.ts')
  return { open: () => openStorage({ url: undefined, folder }) }
}

test('D3: a folder that this user may not write, or that belongs to another one, is refused', async () => {
  const script = `
    import { openDataFolder } from ${JSON.stringify(new URL('../../src/storage/data-folder.ts', import.meta.url).href)}
    const [folder, uid] = process.argv.slice(1)
    if (process.getuid() === 0) process.setuid(Number(uid))
    await openDataFolder(folder).then(() => console.log('opened'), (error) => console.log(error.name + ': ' + error.message))
  `
  const { mkdtemp, chown } = await import('node:fs/promises')
  const { tmpdir } = await import('node:os')
  const folder = await mkdtemp(join(tmpdir(), 'postern-test-'))
  try {
    const user = process.getuid?.() === 0 ? 65534 : (process.getuid?.() ?? 0)
    await chown(folder, user, user).catch(() => {})
    await chmod(folder, 0o555)
    const run = (): string =>
      execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script, folder, String(user)], {
        encoding: 'utf8',
      })
    assert.match(run(), /^StartRefusal: The data folder cannot be used/)
    if (user === 65534) {
      await chown(folder, 0, 0)
      await chmod(folder, 0o755)
      assert.match(run(), /^StartRefusal: .* belongs to user 0/)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a pepper fingerprint fits its pepper in every later version of the file, and no other', () => {
  const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const check = pepperCheck({ current: 1, peppers: new Map([[1, one]]) })
  assert.ok(
    pepperMatches(
      {
        current: 2,
        peppers: new Map([
          [1, one],
          [2, two],
        ]),
      },
      check,
    ),
  )
  assert.equal(pepperMatches({ current: 1, peppers: new Map([[1, two]]) }, check), false)
  assert.equal(pepperMatches({ current: 2, peppers: new Map([[2, one]]) }, check), false)
  for (const junk of ['', '1', '1:', ':x', 'x:y']) {
    assert.equal(pepperMatches({ current: 1, peppers: new Map([[1, one]]) }, junk), false)
  }
})

test('a lock that is no lock is refused with what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-folder-'))
  try {
    await writeFile(join(folder, 'instance.lock'), 'garbage', { mode: 0o600 })
    await assert.rejects(openDataFolder(folder), refused(/The lock .*instance\.lock cannot be taken/))
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('D3: a folder that cannot be made is refused at once, and those above a new one are made for the owner alone', async () => {
  // Linux: everything above is there, and yet nothing can be made in it.
  await assert.rejects(checkFolder('/proc/nowhere/data'), refused(/cannot be used: \/proc\/nowhere\/data \(ENOENT\)/))
  await assert.rejects(checkFolder('/dev/null'), refused(/\/dev\/null is not a folder/))
  await assert.rejects(checkFolder('/dev/null/data'), refused(/cannot be used: \/dev\/null\/data \(ENOTDIR\)/))
  const base = await mkdtemp(join(tmpdir(), 'postern-folder-'))
  try {
    const folder = join(base, 'new', 'data')
    assert.equal(await checkFolder(folder), await realpath(folder))
    for (const made of [folder, join(base, 'new')]) assert.equal((await stat(made)).mode & 0o777, 0o700)
    await symlink(join(base, 'gone'), join(base, 'link'))
    await assert.rejects(checkFolder(join(base, 'link')), refused(/cannot be used: .*link \(ENOENT\)/))
  } finally {
    await rm(base, { recursive: true })
  }
})
