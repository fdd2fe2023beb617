import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { AccessLog } from './access-log.ts'

let folder = ''
let path = ''
let troubles: unknown[] = []
let log: AccessLog<string>

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-log-'))
  path = join(folder, 'logs/access.log')
  troubles = []
  log = new AccessLog(
    path,
    (line, into, at) => at + into.write(line, at, 'latin1'),
    (error) => troubles.push(error),
  )
})
afterEach(async () => {
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})

const line = (number: number): string => `{"n":${number}}\n`

async function written(file: string, number: number): Promise<readonly string[]> {
  const deadline = performance.now() + 5_000
  for (;;) {
    const text = read(file)
    if (text.includes(line(number))) return text.trimEnd().split('\n')
    assert.ok(performance.now() < deadline, text)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

test('lines are written in order, and all of them at the end', async () => {
  for (let number = 0; number < 1000; number += 1) log.add(line(number))
  await log.close()
  assert.equal(readFileSync(path, 'utf8'), Array.from({ length: 1000 }, (_, number) => line(number)).join(''))
})

test('L4: after a rename the next lines are in a new file, and the old one has all that came before', async () => {
  log.add(line(1))
  await written(path, 1)
  renameSync(path, `${path}.1`)
  log.add(line(2))
  assert.deepEqual(await written(path, 2), ['{"n":2}'])
  assert.equal(readFileSync(`${path}.1`, 'utf8'), line(1))
})

test('L4: after a signal nothing is lost, also of a write that is under way', async () => {
  for (let number = 0; number < 100; number += 1) {
    log.add(line(number))
    log.reopen()
  }
  assert.equal((await written(path, 99)).length, 100)
  log.reopen()
  log.add(line(100))
  assert.equal((await written(path, 100)).length, 101)
})

test('L4: a file, or its whole folder, that was deleted is made anew with the next line', async () => {
  log.add(line(1))
  await written(path, 1)
  rmSync(path)
  log.add(line(2))
  await written(path, 2)
  rmSync(join(folder, 'logs'), { recursive: true })
  log.add(line(3))
  assert.deepEqual(await written(path, 3), ['{"n":3}'])
  assert.deepEqual(troubles, [])
})

test('L4: a file that was truncated goes on from its beginning', async () => {
  log.add(line(1))
  await written(path, 1)
  truncateSync(path)
  log.add(line(2))
  assert.deepEqual(await written(path, 2), ['{"n":2}'])
})

test('L4: where the log cannot be written, calls go on, and the gap is marked with its size once it can', async () => {
  writeFileSync(join(folder, 'logs'), 'a file where the folder should be')
  for (let number = 0; number < 5; number += 1) log.add(line(number))
  const deadline = performance.now() + 5_000
  while (troubles.length === 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(troubles.length, 1)
  rmSync(join(folder, 'logs'))
  log.add(line(7))
  assert.deepEqual(await written(path, 7), ['{"lost":5}', '{"n":7}'])
})

test('L4: a file that somebody else reads is there without a line, and a gap is marked without one', async () => {
  log.look()
  assert.equal(readFileSync(path, 'utf8'), '')
  rmSync(join(folder, 'logs'), { recursive: true })
  log.look()
  assert.equal(readFileSync(path, 'utf8'), '')
  rmSync(path)
  symlinkSync('/dev/full', path)
  log.add(line(1))
  const deadline = performance.now() + 5_000
  while (!log.isTroubled && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(log.isTroubled, true)
  rmSync(path)
  log.look()
  while (log.isTroubled && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(readFileSync(path, 'utf8'), '{"lost":1}\n')
})

test('L4: on a full disk every line is counted, and nothing is thrown', async () => {
  log.add(line(1))
  await written(path, 1)
  rmSync(path)
  symlinkSync('/dev/full', path)
  log.add(line(2))
  log.add(line(3))
  const deadline = performance.now() + 5_000
  while (troubles.length === 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.match(String(troubles[0]), /ENOSPC/)
  rmSync(path)
  log.add(line(4))
  assert.deepEqual(await written(path, 4), ['{"lost":2}', '{"n":4}'])
})

test('L4: a pipe that nobody reads, in the place of the file, is trouble and keeps nobody waiting', async () => {
  mkdirSync(join(folder, 'logs'))
  execFileSync('mkfifo', [path])
  log.look()
  assert.equal(log.isTroubled, true)
  assert.match(String(troubles[0]), /ENXIO/)
  rmSync(path)
  log.add(line(1))
  assert.deepEqual(await written(path, 1), ['{"n":1}'])
})
