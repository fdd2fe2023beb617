import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { Failure } from '../../failures.ts'
import { makeMariadb } from './mariadb.ts'

/** A server that takes connections and sends `greeting`, or nothing at all. */
async function withServer(
  greeting: Buffer | undefined,
  work: (port: number, open: ReadonlySet<Socket>) => Promise<void>,
): Promise<void> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    // Read, so that the end of the connection is seen.
    socket.resume()
    if (greeting !== undefined) socket.write(greeting)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await work((server.address() as AddressInfo).port, open)
  } finally {
    for (const socket of open) socket.destroy()
    server.close()
    await once(server, 'close')
  }
}

function client(port: number, heard: string[], connectMs: number) {
  return makeMariadb({
    at: { host: '127.0.0.1', port },
    user: 'postern',
    password: async () => 'secret of postern',
    needsTls: false,
    userHost: 'localhost',
    userConnections: 30,
    lockName: (name) => name,
    onTrouble: (error) => void heard.push(error.message),
    deadlines: { connectMs, statementMs: 500, workMs: 500 },
  })
}

const isUnavailable = (error: unknown) => error instanceof Failure && error.code === 'mysql-unavailable'

test('a server that takes the connection and says nothing is given up at the deadline, and the connection is cut', async () => {
  await withServer(undefined, async (port, open) => {
    const heard: string[] = []
    const mariadb = client(port, heard, 100)
    await assert.rejects(mariadb.version(), isUnavailable)
    assert.match(heard.join(), /did not answer in time/)
    while (open.size > 0) await new Promise((resolve) => setImmediate(resolve))
  })
})

test('at a stop what is under way is cut short rather than waited for', async () => {
  await withServer(undefined, async (port, open) => {
    const mariadb = client(port, [], 600_000)
    const call = assert.rejects(mariadb.version(), isUnavailable)
    while (open.size === 0) await new Promise((resolve) => setImmediate(resolve))
    mariadb.close()
    await call
  })
})

test('what speaks another protocol, or is not there, is a server that cannot be reached', async () => {
  await withServer(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), async (port) => {
    await assert.rejects(client(port, [], 500).version(), isUnavailable)
  })
  let gone = 0
  await withServer(undefined, async (port) => {
    gone = port
  })
  await assert.rejects(client(gone, [], 5_000).hasDatabase('a'), isUnavailable)
})
