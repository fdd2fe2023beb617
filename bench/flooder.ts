/**
 * Bad attempts at an even pace: `node bench/flooder.ts PORT ATTEMPTS_PER_SECOND ADDRESSES tokens|passwords`. Each address of 127.1.0.0/16 keeps a connection
 * and opens another when the server ended it. Prints `flooding` when all are open; on SIGTERM how many attempts were answered.
 */
import { type ConnectionOptions, connect, createSecureContext, type TLSSocket } from 'node:tls'
import { makeSecret } from '../src/tokens/secret.ts'

const [port = 0, perSecond = 0, addresses = 0] = process.argv.slice(2, 5).map(Number)
const isPasswords = process.argv[5] === 'passwords'
const TICK_MS = 2

/** One attempt at a time: what stands behind a refused one on the same connection is never read. */
type Line = { socket: TLSSocket | undefined; isReady: boolean }

const secureContext = createSecureContext()
let answered = 0
let dropped = 0
let owed = 0
let next = 0
const statuses = new Map<string, number>()
const lines: Line[] = Array.from({ length: addresses }, () => ({ socket: undefined, isReady: false }))

function open(line: Line, index: number): Promise<void> {
  return new Promise((resolve) => {
    // Also what `net.connect` takes.
    const socket = connect({
      host: '127.0.0.1',
      port,
      localAddress: `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`,
      rejectUnauthorized: false,
      // One for all: else each connection would cost the load's core more than the server.
      secureContext,
    } as ConnectionOptions)
    let wasOpen = false
    line.socket = socket
    socket.setNoDelay(true)
    socket.once('secureConnect', () => {
      line.isReady = true
      wasOpen = true
      resolve()
    })
    socket.on('data', (piece: Buffer) => {
      for (const [, status = ''] of piece.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
        answered += 1
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (status !== '403') line.isReady = true
      }
    })
    socket.on('error', () => {})
    socket.once('close', () => {
      line.isReady = false
      if (!wasOpen) dropped += 1
      resolve()
      // One that was dropped before its handshake is tried again at the pace of a client, not of a loop.
      setTimeout(() => void open(line, index), wasOpen ? 20 : 1000)
    })
  })
}

/** A well-formed token that was never issued, or a wrong password of another name each time. */
function credential(): string {
  if (!isPasswords) return `whm root:${makeSecret('PSW')}`
  return `Basic ${Buffer.from(`nobody-${next}:wrong password ${next}`).toString('base64')}`
}

/** The next address whose connection is open; none, and the attempt is made up for later. */
function attempt(): boolean {
  for (let tried = 0; tried < lines.length; tried += 1) {
    const line = lines[next++ % lines.length]
    if (line?.isReady !== true) continue
    line.isReady = false
    line.socket?.write(
      `GET /json-api/version?api.version=1 HTTP/1.1\r\nHost: panel\r\nAuthorization: ${credential()}\r\n\r\n`,
    )
    return true
  }
  return false
}

for (let index = 0; index < lines.length; index += 50)
  await Promise.all(lines.slice(index, index + 50).map((line, offset) => open(line, index + offset)))
process.stdout.write('flooding\n')
const startedMs = performance.now()
let sent = 0
const ticks = setInterval(() => {
  owed = Math.floor(((performance.now() - startedMs) / 1000) * perSecond) - sent
  while (owed > 0 && attempt()) {
    sent += 1
    owed -= 1
  }
}, TICK_MS)
process.on('SIGTERM', () => {
  clearInterval(ticks)
  setTimeout(() => {
    const seconds = (performance.now() - startedMs) / 1000
    process.stdout.write(
      `${JSON.stringify({ sent, answered, seconds, dropped, statuses: Object.fromEntries(statuses) })}\n`,
    )
    process.exit(0)
  }, 500)
})
