/**
 * The transcript in README.md was really produced: its commands are run again, on a server of the test's own, and each must answer as
 * it says there. What differs from run to run (secrets, ids, times, the port) is masked on both sides.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { makePlace, type Place, type Program, ROOT_PASSWORD, startProgram } from '../faults/program.ts'

const root = join(import.meta.dirname, '../..')
const ADDRESS = 'https://127.0.0.1:2087'
const SECRET = /PSW[0-9A-Z]{29}/

let place: Place
let program: Program

before(async () => {
  place = await makePlace()
  program = await startProgram(place.flags)
})
after(async () => {
  await program.end('SIGTERM')
  await place.remove()
})

type Step = { readonly command: string; readonly answer: string }

function transcript(): readonly Step[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const block = /<!-- transcript -->[\s\S]*?```console\n([\s\S]*?)```[\s\S]*?```console\n([\s\S]*?)```/.exec(readme)
  if (block === null) throw new Error('README.md has no transcript')
  const steps = (block[2] ?? '').split(/^\$ /m).slice(1)
  return steps.map((step) => {
    const end = step.indexOf('\n')
    return { command: step.slice(0, end), answer: step.slice(end + 1) }
  })
}

function masked(text: string): string {
  return text
    .replaceAll(new RegExp(SECRET, 'g'), '[secret]')
    .replaceAll(/tok_[0-9a-z]{16}/g, '[id]')
    .replaceAll(/"create_time":\d+/g, '"create_time":[time]')
    .replaceAll(/\d{4}-\d\d-\d\dT[0-9:.]+Z/g, '[time]')
    .replaceAll(/^Enter host password for user 'root':\n/gm, '')
    .trimEnd()
}

function runs(command: string): Promise<string> {
  return new Promise((done) => {
    const options = { cwd: root, env: { PATH: process.env.PATH ?? '', HOME: place.base, POSTERN_DATA: place.data } }
    execFile('sh', ['-c', command], options, (_error, stdout, stderr) => done(stdout + stderr))
  })
}

test('each command of the README’s first minute answers as the README says', async () => {
  const steps = transcript()
  assert.ok(steps.length >= 6)
  let secret = ''
  for (const { command, answer } of steps) {
    const made = command
      .replaceAll(ADDRESS, program.url)
      .replace('curl -k -u root ', `curl -sk -u 'root:${ROOT_PASSWORD}' `)
      .replace('curl -k ', 'curl -sk ')
      .replace(SECRET, secret)
    const given = await runs(made)
    secret ||= SECRET.exec(given)?.[0] ?? ''
    assert.equal(masked(given), masked(answer), command)
  }
})
