import assert from 'node:assert/strict'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { writeChallenge } from './challenge-files.ts'

const base = mkdtempSync(join(tmpdir(), 'postern-challenge-'))
const home = join(base, 'home')
const outside = join(base, 'outside')
const PLACE = ['public_html', '.well-known', 'acme-challenge']
after(() => rmSync(base, { recursive: true }))
beforeEach(() => {
  for (const folder of [home, outside]) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
  }
})

test('the answer is there for every reader of the pages, and is taken away; the folders stay', async () => {
  const takeAway = await writeChallenge(home, ['public_html'], 'token-1', 'value')
  const file = join(home, ...PLACE, 'token-1')
  assert.equal(readFileSync(file, 'utf8'), 'value')
  assert.deepEqual(readdirSync(join(home, ...PLACE)), ['token-1'])
  assert.equal((lstatSync(file).mode & 0o777).toString(8), '644')
  assert.equal((lstatSync(join(home, ...PLACE)).mode & 0o777).toString(8), '755')
  const other = await writeChallenge(home, ['public_html'], 'token-2', 'other')
  await takeAway()
  await takeAway()
  assert.deepEqual(readdirSync(join(home, ...PLACE)), ['token-2'])
  await other()
})

test('a link or a file in the place of any folder is refused, and nothing is written where it leads', async () => {
  for (const depth of PLACE.keys()) {
    rmSync(join(home, 'public_html'), { recursive: true, force: true })
    const above = join(home, ...PLACE.slice(0, depth))
    mkdirSync(above, { recursive: true })
    const place = join(home, ...PLACE.slice(0, depth + 1))
    symlinkSync(outside, place)
    await assert.rejects(writeChallenge(home, ['public_html'], 'token', 'value'), /ENOTDIR|ELOOP/)
    rmSync(place)
    writeFileSync(place, '')
    await assert.rejects(writeChallenge(home, ['public_html'], 'token', 'value'), /ENOTDIR/)
    rmSync(place)
  }
  assert.deepEqual(readdirSync(outside), [])
})

test('a link in the place of the answer itself is replaced, not followed', async () => {
  mkdirSync(join(home, ...PLACE), { recursive: true })
  const kept = join(outside, 'kept')
  writeFileSync(kept, 'kept')
  for (const name of ['token', 'token.new']) symlinkSync(kept, join(home, ...PLACE, name))
  const takeAway = await writeChallenge(home, ['public_html'], 'token', 'value')
  assert.equal(readFileSync(join(home, ...PLACE, 'token'), 'utf8'), 'value')
  await takeAway()
  assert.equal(readFileSync(kept, 'utf8'), 'kept')
})

test('what is no token becomes no part of a path', async () => {
  for (const token of ['', '..', 'a/b', '../x', 'a\0', 'a'.repeat(129), 'é'])
    await assert.rejects(writeChallenge(home, [], token, 'value'), /no token/)
  assert.ok(!existsSync(join(home, '.well-known')))
})
