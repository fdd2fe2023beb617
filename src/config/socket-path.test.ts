import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSocketPath } from './socket-path.ts'

test('a socket in a data folder with a very long path can be listened on and connected to', async () => {
  const root = mkdtempSync(join(tmpdir(), 'postern-socket-'))
  const folder = join(root, 'long'.repeat(50))
  mkdirSync(folder)
  const listening = openSocketPath(folder)
  const server = createServer((socket) => socket.end('here'))
  await new Promise<void>((done) => server.listen(listening.path, done))
  const calling = openSocketPath(folder)
  const socket = connect(calling.path)
  const heard = await socket.setEncoding('utf8').toArray()
  assert.deepEqual(heard, ['here'])
  calling.close()
  await new Promise((done) => server.close(done))
  listening.close()
  rmSync(root, { recursive: true })
})
