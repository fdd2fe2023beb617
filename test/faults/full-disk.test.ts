/** A disk that is full, read-only, or not fit to hold secrets: who is served, what is told, and the way back. */
import assert from 'node:assert/strict'
import { chmod, chown, mkdtemp, open, readdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { done, startTestServer, type TestServer } from '../start-server.ts'
import { type Disk, mountDisk } from './disk.ts'
import { launch, makePlace, startProgram } from './program.ts'
import { until } from './wait.ts'

const undo: (() => unknown)[] = []
after(async () => {
  for (const step of undo.reverse()) await step()
})

const BACK_MAX_MS = 5000

/** Where nothing may be mounted, the same errors in place of each statement that writes. */
type World = { readonly server: TestServer; readonly disk: Disk | undefined; fill(): void; free(): void }

async function makeWorld(size: string): Promise<World> {
  const disk = mountDisk(size)
  let isFull = false
  const base = disk?.base ?? (await mkdtemp(join(tmpdir(), 'postern-test-')))
  const reserve = join(base, 'data/reserve')
  let hasReserve = true
  const server = await startTestServer({
    folder: base,
    beforeStatement: (sql) => {
      if (disk !== undefined || !isFull || !hasReserve || !/^(insert|update|delete)/.test(sql)) return
      stat(reserve).catch(() => {
        hasReserve = false
      })
      throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
    },
  })
  undo.push(async () => {
    await server.stop()
    if (disk === undefined) await rm(base, { recursive: true, force: true })
    else disk.remove()
  })
  const set = (full: boolean) => () => {
    isFull = full
    if (full) disk?.fill()
    else disk?.free()
  }
  return { server, disk, fill: set(true), free: set(false) }
}

const healthOf = async (server: TestServer) => {
  const { status, json } = await server.send('/healthz')
  return { status, state: json.status }
}

/** Creates until the disk is full; gives the names that were acknowledged. */
async function createUntilFull(server: TestServer, manager: string): Promise<string[]> {
  const made: string[] = []
  for (let n = 0; n < 5000; n++) {
    const reply = await server.call(manager, 'api_token_create', { token_name: `fill-${n}`, acl: 'list-accts' })
    if (reply.status === 200) {
      done(reply)
      made.push(`fill-${n}`)
      continue
    }
    assert.equal(reply.status, 503)
    assert.match(reply.json.metadata.reason, /disk is full/)
    assert.equal(reply.json.metadata.result, 0)
    assert.ok(Number(reply.headers['retry-after']) > 0)
    return made
  }
  throw new Error('the disk never became full')
}

for (const size of ['2m', '8m']) {
  test(`D2 N6: with ${size} full, reads are served, changes are told, revoke, pause, freeze and the end of an old secret succeed, and all is well within 5 s of space`, async () => {
    const world = await makeWorld(size)
    const { server } = world
    const manager = await server.rootToken(['all'])
    const [revoked, paused, kept] = await Promise.all(
      ['revoked', 'paused', 'kept'].map((name) => makeToken(server, manager, name)),
    )
    const rotated = await makeToken(server, manager, 'rotated')
    const rotation = { token_id: rotated.id, overlap: 'first-use' }
    const newSecret = done(await server.call(manager, 'postern_token_rotate', rotation)).json.data.token
    world.fill()
    const made = await createUntilFull(server, manager)
    assert.deepEqual(await healthOf(server), { status: 503, state: 'storage-full' })

    assert.equal((await server.call(kept!.credential, 'version')).status, 200)
    const listed = Object.keys(done(await server.call(manager, 'api_token_list')).json.data.tokens)
    for (const name of made) assert.ok(listed.includes(name), name)
    done(await server.call(manager, 'postern_audit_list'))
    // No session can be made, and that is no wrong password.
    const form = {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'user=root&pass=the+gate+is+narrow+7',
    }
    assert.equal((await server.send('/login', form)).status, 503)
    // A stranger is refused as ever, and so is a wrong token.
    assert.equal((await server.call('root:PSWAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'version')).status, 403)

    done(await server.call(manager, 'api_token_revoke', { token_name: 'revoked' }))
    assert.equal((await server.call(revoked!.credential, 'version')).status, 403)
    done(await server.root('postern_token_pause', { token_id: paused!.id }))
    assert.equal((await server.call(paused!.credential, 'version')).status, 403)
    for (const name of made.slice(0, 20)) done(await server.call(manager, 'api_token_revoke', { token_name: name }))
    for (const change of [
      server.call(manager, 'api_token_create', { token_name: 'none', acl: 'list-accts' }),
      server.root('createacct', {
        username: 'nobody1',
        domain: 'nobody1.example.com',
        password: 'the cat sat on 9 mats',
      }),
      server.call(manager, 'api_token_update', { token_name: 'kept', new_name: 'other' }),
    ])
      assert.equal((await change).status, 503)
    assert.deepEqual(
      (await readdir(join(server.folder, 'home')).catch(() => [])).filter((name) => !name.startsWith('.')),
      [],
    )

    assert.equal((await server.call(rotated.credential, 'version')).status, 200)
    assert.equal((await server.call(`root:${newSecret}`, 'version')).status, 200)
    assert.equal((await server.call(rotated.credential, 'version')).status, 403)
    done(await server.root('postern_freeze', { reason: 'full' }))
    assert.equal((await server.call(kept!.credential, 'version')).status, 403)

    world.free()
    const backMs = await until(async () => (await healthOf(server)).status === 200, BACK_MAX_MS, 'full service')
    done(await server.root('postern_thaw'))
    done(await server.call(manager, 'api_token_create', { token_name: 'later', acl: 'list-accts' }))
    console.log(`${size}: ${made.length} creates before the disk was full, full service after ${Math.round(backMs)} ms`)

    // What happened meanwhile is in the trail: the revokes, and that changes failed.
    await until(
      async () => (await server.audit({ outcome: 'failed', limit: 100 })).length >= 4,
      BACK_MAX_MS,
      'the waiting entries',
    )
    const failed = await server.audit({ outcome: 'failed', limit: 100 })
    assert.ok(
      failed.every(({ reason }) => /^storage-full/.test(reason)),
      JSON.stringify(failed),
    )
    assert.equal(
      (await server.audit({ outcome: 'done', function: 'api_token_revoke', limit: 100 })).length,
      1 + Math.min(20, made.length),
    )
    assert.ok((await server.audit({ outcome: 'refused', limit: 100 })).length >= 2)
    // Some lines, not one each time that it was tried again.
    const lines = server.logged.filter(({ message }) => !/access log/.test(message))
    assert.ok(lines.length < 20, JSON.stringify(lines.map(({ message }) => message)))

    await server.stop()
    const again = await startTestServer({ folder: join(server.folder, '..') })
    undo.push(() => again.stop())
    const names = Object.keys(done(await again.call(manager, 'api_token_list')).json.data.tokens)
    for (const name of [...made.slice(20), 'kept', 'later']) assert.ok(names.includes(name), name)
    for (const name of ['revoked', ...made.slice(0, 20)]) assert.equal(names.includes(name), false, name)
    await again.stop()
  })
}

async function makeToken(
  server: TestServer,
  manager: string,
  name: string,
): Promise<{ credential: string; id: string }> {
  const made = done(await server.call(manager, 'api_token_create', { token_name: name, acl: 'basic-whm-functions' }))
  const { tokens } = done(await server.root('postern_token_list')).json.data
  // biome-ignore lint/suspicious/noExplicitAny: as the function answers
  const found = tokens.find((token: any) => token.name === name)
  return { credential: `root:${made.json.data.token}`, id: found.postern_id }
}

test('D2: a server that is started on a full disk serves what only reads, and revokes', async () => {
  const disk = mountDisk('2m')
  // Without a disk of our own nothing is full at the start; the rest holds all the same.
  const place = await makePlace(disk === undefined ? {} : { base: disk.base })
  undo.push(() => (disk === undefined ? place.remove() : disk.remove()))
  const first = await startProgram(place.flags)
  const manager = await first.rootToken('manager', ['all'])
  const other = await first.rootToken('other', ['all'])
  await first.end('SIGKILL')
  disk?.fill()
  const second = await startProgram(place.flags)
  undo.push(() => second.end('SIGKILL'))
  assert.equal((await second.call(manager, 'version')).status, 200)
  const change = await second.call(manager, 'api_token_create', { token_name: 'x', acl: 'list-accts' })
  assert.equal(change.status, disk === undefined ? 200 : 503)
  done(await second.call(manager, 'api_token_revoke', { token_name: 'other' }))
  assert.equal((await second.call(other, 'version')).status, 403)
  disk?.free()
  await until(async () => (await second.send('/healthz')).status === 200, BACK_MAX_MS, 'full service')
  done(await second.call(manager, 'api_token_create', { token_name: 'y', acl: 'list-accts' }))
  assert.equal(await second.end('SIGTERM'), 0)
})

test('D2: a log that cannot be written keeps nobody from being served', async () => {
  const place = await makePlace()
  undo.push(() => place.remove())
  // Each write to it fails as on a full disk.
  const full = await open('/dev/full', 'w')
  undo.push(() => full.close())
  const server = await startProgram(place.flags, { stderr: full.fd })
  const manager = await server.rootToken('manager', ['all'])
  const http = server.url.replace('https:', 'http:')
  for (let i = 0; i < 3; i++) await fetch(http, { headers: { authorization: `whm ${manager}` } }).catch(() => {})
  assert.equal((await server.call(manager, 'version')).status, 200)
  done(await server.call(manager, 'api_token_create', { token_name: 'x', acl: 'list-accts' }))
  assert.equal(await server.end('SIGTERM'), 0)
})

test('D3: a disk that becomes read-only is as a full one, and service is back within 5 s', async () => {
  let isReadOnly = false
  const server = await startTestServer({
    beforeStatement: (sql) => {
      if (isReadOnly && /^(insert|update|delete)/.test(sql))
        throw Object.assign(new Error('attempt to write a readonly database'), { errcode: 8 })
    },
  })
  undo.push(() => server.close())
  const manager = await server.rootToken(['all'])
  isReadOnly = true
  for (const name of ['api_token_create', 'api_token_revoke']) {
    const reply = await server.call(manager, name, {
      token_name: 'x',
      ...(name === 'api_token_create' && { acl: 'list-accts' }),
    })
    assert.ok([200, 503].includes(reply.status), reply.body)
    assert.equal(reply.json.metadata.result, 0)
  }
  assert.equal((await server.call(manager, 'version')).status, 200)
  isReadOnly = false
  await until(async () => (await healthOf(server)).status === 200, BACK_MAX_MS, 'full service')
  done(await server.call(manager, 'api_token_create', { token_name: 'x', acl: 'list-accts' }))
})

test('D3: a folder that is read-only, open to others, of another owner or full of links is refused with path and remedy', async () => {
  const disk = mountDisk('8m')
  const place = await makePlace(disk === undefined ? {} : { base: disk.base })
  undo.push(() => (disk === undefined ? place.remove() : disk.remove()))
  await (await startProgram(place.flags)).end('SIGTERM')
  const inData = (name: string): string => join(place.data, name)
  const isRoot = process.getuid?.() === 0
  const faults: Record<string, { readonly path: string; make(): Promise<void> | void; mend(): Promise<void> | void }> =
    {
      'pepper readable by others': mode('pepper', 0o644),
      'database readable by the group': mode('postern.db', 0o640),
      'key readable by others': mode('tls/key.pem', 0o604),
      'folder writable by others': mode('.', 0o777, 0o700),
      'a link in place of the pepper': {
        path: inData('pepper'),
        make: async () => {
          await rename(inData('pepper'), inData('pepper-elsewhere'))
          await symlink(inData('pepper-elsewhere'), inData('pepper'))
        },
        mend: async () => {
          await rm(inData('pepper'))
          if (disk === undefined) await rename(join(place.base, 'pepper'), inData('pepper'))
        },
      },
      ...(isRoot && {
        'folder of another user': {
          path: place.data,
          make: () => chown(place.data, 12345, 12345),
          mend: () => chown(place.data, 0, 0),
        },
      }),
      'read-only': {
        path: place.data,
        make: () => (disk === undefined ? chmod(place.data, 0o500) : disk.remount('ro')),
        mend: () => (disk === undefined ? chmod(place.data, 0o700) : disk.remount('rw')),
      },
    }
  function mode(name: string, wrong: number, right = 0o600) {
    return {
      path: name === '.' ? place.data : inData(name),
      make: () => chmod(inData(name), wrong),
      mend: () => chmod(inData(name), right),
    }
  }
  const inOrder = ['read-only', ...Object.keys(faults).filter((what) => what !== 'read-only' && !what.includes('link'))]
  for (const what of [...inOrder, 'a link in place of the pepper']) {
    const fault = faults[what]
    if (fault === undefined) continue
    // Root passes every mode; without a disk to mount read-only there is nothing to see.
    if (what === 'read-only' && isRoot && disk === undefined) continue
    await fault.make()
    const { ended, heard } = launch(place.flags)
    assert.equal(await ended, 1, what)
    assert.match(heard.stderr, /error: /, what)
    assert.match(heard.stderr, /hint: /, what)
    assert.ok(heard.stderr.includes(fault.path), `${what}: ${heard.stderr}`)
    assert.equal(heard.stdout, '', what)
    if (!what.includes('link')) await fault.mend()
  }
})
