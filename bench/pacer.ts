/**
 * Good calls at an even pace whatever becomes of them: `node bench/pacer.ts URL AUTHORIZATION CALLS_PER_SECOND SECONDS`. The time of a call
 * is measured from the moment at which it was due, so that a server that stands still cannot hide it. Prints percentiles and errors.
 */
import { connect, type TLSSocket } from 'node:tls'

const [address = '', authorization = '', perSecond = '0', seconds = '0'] = process.argv.slice(2)
const url = new URL(address)
const CONNECTIONS = 32
const request = `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: panel\r\nAuthorization: ${authorization}\r\n\r\n`

const idle: TLSSocket[] = []
const due: number[] = []
const timesMs: number[] = []
const startedBy = new Map<TLSSocket, number>()
let errors = 0

async function open(): Promise<void> {
  const socket = connect({ host: url.hostname, port: Number(url.port), rejectUnauthorized: false })
  socket.setNoDelay(true)
  socket.on('data', (piece: Buffer) => {
    const began = startedBy.get(socket)
    if (began === undefined) return
    startedBy.delete(socket)
    timesMs.push(performance.now() - began)
    if (!piece.toString('latin1').startsWith('HTTP/1.1 200 ')) errors += 1
    idle.push(socket)
    send()
  })
  socket.on('error', () => {})
  socket.once('close', () => {
    if (startedBy.delete(socket)) errors += 1
    const at = idle.indexOf(socket)
    if (at !== -1) idle.splice(at, 1)
    if (!isOver) void open()
  })
  await new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()))
  idle.push(socket)
}

function send(): void {
  while (due.length > 0 && idle.length > 0) {
    // The one that waited longest, so that none is idle until the server ends it.
    const socket = idle.shift()
    const began = due.shift()
    if (socket === undefined || began === undefined) return
    startedBy.set(socket, began)
    socket.write(request)
  }
}

let isOver = false
await Promise.all(Array.from({ length: CONNECTIONS }, open))
const startedMs = performance.now()
const total = Number(perSecond) * Number(seconds)
let planned = 0
await new Promise<void>((resolve) => {
  const tick = setInterval(() => {
    while (planned < total && startedMs + (planned * 1000) / Number(perSecond) <= performance.now()) {
      due.push(startedMs + (planned * 1000) / Number(perSecond))
      planned += 1
    }
    send()
    const isLate = performance.now() - startedMs > Number(seconds) * 1000 + 5000
    if (timesMs.length + errors < total && !isLate) return
    clearInterval(tick)
    resolve()
  }, 1)
})
isOver = true
timesMs.sort((a, b) => a - b)
const percentile = (part: number): number =>
  timesMs[Math.min(timesMs.length - 1, Math.floor(timesMs.length * part))] ?? Number.NaN
const unanswered = total - timesMs.length
process.stdout.write(
  `${JSON.stringify({ calls: timesMs.length, errors: errors + unanswered, p50: percentile(0.5), p99: percentile(0.99), p999: percentile(0.999) })}\n`,
)
process.exit(0)
