/** A start that is refused while the pages are being built, in a copy of the package whose build takes minutes. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const ROOT = resolve(import.meta.dirname, '../..')

test('a server that refuses to start ends at once, and ends the build of the pages that it began', async () => {
  const base = mkdtempSync(join(tmpdir(), 'postern-refused-'))
  try {
    for (const name of ['src', 'package.json']) cpSync(join(ROOT, name), join(base, name), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(base, 'node_modules'))
    mkdirSync(join(base, 'web'))
    writeFileSync(join(base, 'web/build.ts'), 'setTimeout(() => {}, 120_000)\n')
    const args = ['serve', '--data', join(base, 'data'), '--mysql-host', 'localhost', '--mysql-socket', '/run/x']
    const server = spawn(process.execPath, [join(base, 'src/main.ts'), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    server.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString()
    })
    // Standard error ends with the last process that holds it.
    const ended = once(server, 'close')
    const late = AbortSignal.timeout(60_000)
    late.addEventListener('abort', () => server.kill('SIGKILL'))
    const [code, signal] = await ended
    assert.deepEqual([code, signal], [1, null], said)
    assert.match(said, /^Building the pages …$/m)
    assert.match(said, /Both mysql_host and mysql_socket are set/)
  } finally {
    rmSync(base, { recursive: true })
  }
})
