import assert from 'node:assert/strict'
import {
  existsSync,
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
import { after, test } from 'node:test'
import { makeMaildir, moveMail, putMailAway } from './mail-folders.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function makeWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'))
  folders.push(folder)
  const pathOf = (home: string, inside = ''): string => join(folder, 'home', home, inside)
  for (const home of ['anna', 'bob']) mkdirSync(pathOf(home, 'mail'), { recursive: true })
  return { folder, pathOf }
}

test('a Maildir that cannot be made whole is taken back', async () => {
  const { pathOf } = makeWorld()
  mkdirSync(pathOf('anna', 'mail/one.example/a'), { recursive: true })
  writeFileSync(pathOf('anna', 'mail/one.example/a/tmp'), 'in the way')
  await assert.rejects(makeMaildir(pathOf('anna'), 'mail/one.example/a'), /in the place of a folder/)
  assert.deepEqual(readdirSync(pathOf('anna', 'mail/one.example/a')), ['tmp'])
  const undo = await makeMaildir(pathOf('bob'), 'mail/one.example/a')
  assert.deepEqual(readdirSync(pathOf('bob', 'mail/one.example/a')), ['cur', 'new', 'tmp'])
  await undo()
  assert.deepEqual(readdirSync(pathOf('bob', 'mail')), [])
})

test('moving and putting away are the same done twice', async () => {
  const { pathOf } = makeWorld()
  const home = pathOf('anna')
  await makeMaildir(home, 'mail/one.example/a')
  writeFileSync(pathOf('anna', 'mail/one.example/a/new/m'), 'm')
  for (let time = 0; time < 2; time += 1) await moveMail(home, 'one.example', 'two.example')
  assert.equal(readFileSync(pathOf('anna', 'mail/two.example/a/new/m'), 'utf8'), 'm')
  const mailbox = { domain: 'two.example', localPart: 'a' }
  for (let time = 0; time < 2; time += 1) await putMailAway(home, mailbox, 'a-1')
  assert.equal(readFileSync(pathOf('anna', 'mail/.removed/a-1/new/m'), 'utf8'), 'm')
})

test('moving and putting away follow no link that a customer made', async () => {
  const { folder, pathOf } = makeWorld()
  const mailbox = { domain: 'one.example', localPart: 'a' }
  mkdirSync(join(folder, 'outside/one.example/a'), { recursive: true })
  rmSync(pathOf('bob', 'mail'), { recursive: true })
  symlinkSync(join(folder, 'outside'), pathOf('bob', 'mail'))
  await moveMail(pathOf('bob'), 'one.example', 'two.example')
  await putMailAway(pathOf('bob'), mailbox, 'a-1')
  assert.deepEqual(readdirSync(join(folder, 'outside')), ['one.example'])
  assert.deepEqual(readdirSync(join(folder, 'outside/one.example')), ['a'])
  // One in the place where removed mail goes is put out of the way itself.
  mkdirSync(pathOf('anna', 'mail/one.example/a'), { recursive: true })
  symlinkSync(join(folder, 'outside'), pathOf('anna', 'mail/.removed'))
  await putMailAway(pathOf('anna'), mailbox, 'a-1')
  assert.ok(existsSync(pathOf('anna', 'mail/.removed/a-1')))
  assert.deepEqual(readdirSync(join(folder, 'outside')), ['one.example'])
})

test('no path leads out of a home', async () => {
  const { pathOf } = makeWorld()
  await assert.rejects(makeMaildir(pathOf('anna'), 'mail/../../bob'), /no path inside/)
  await assert.rejects(moveMail(pathOf('anna'), '../bob', 'two.example'), /no domain/)
  await assert.rejects(putMailAway(pathOf('anna'), { domain: 'one.example/..', localPart: 'a' }, 'b'), /no domain/)
})
