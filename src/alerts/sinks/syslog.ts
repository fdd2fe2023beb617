/**
 * Alerts to a syslog, as RFC 5424 lines over UDP, TCP (octet counting, RFC 6587) or a socket of the machine. The message is one line of
 * JSON in ASCII, so that no text of a stranger can begin another line. A datagram is sent and forgotten, as syslog is; over TCP it
 * counts as taken when the other side's kernel acknowledged all of it by closing.
 */
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import type { OutboxEvent, Sink } from '../delivery.ts'
import { visible } from './words.ts'

export type SyslogTarget =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'udp' | 'tcp'; readonly host: string; readonly port: number }

/** `unix:/dev/log`, `udp://HOST:PORT` or `tcp://HOST:PORT`; undefined for anything else. */
export function parseSyslogTarget(text: string): SyslogTarget | undefined {
  if (text.startsWith('unix:/')) return { kind: 'unix', path: text.slice('unix:'.length) }
  const match = /^(udp|tcp):\/\/(\[[0-9a-fA-F:.]+\]|[^:/[\]]+):(\d{1,5})$/.exec(text)
  const [, kind, host, port] = match ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined
  return { kind: kind as 'udp' | 'tcp', host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

const SEVERITY_NUMBERS = { notice: 5, warning: 4, critical: 2 } as const
const AUTHPRIV = 10
const REASON_MAX = 500

/** One line without its end. */
export function formatSyslog({ at, event }: OutboxEvent, hostname: string): string {
  const priority = AUTHPRIV * 8 + SEVERITY_NUMBERS[event.severity]
  const { title: _, examples, reason, ...facts } = event
  const message = JSON.stringify({
    ...facts,
    user: facts.user === null ? null : visible(facts.user, 100),
    reason: visible(reason, REASON_MAX),
    examples: examples.map((example) => visible(example, 100)),
  })
  const ascii = message.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `<${priority}>1 ${at.toISOString()} ${hostname} postern ${process.pid} ${event.kind} - ${ascii}`
}

export function makeSyslogSink(target: SyslogTarget, hostname: string): Sink {
  return {
    name: 'syslog',
    send(event, signal) {
      const line = formatSyslog(event, hostname)
      if (target.kind === 'unix') return sendLocal(target.path, line, signal)
      if (target.kind === 'udp') return sendDatagram(target, line)
      return sendStream(target, `${Buffer.byteLength(line)} ${line}`, signal)
    },
  }
}

function sendDatagram(target: { readonly host: string; readonly port: number }, line: string): Promise<void> {
  const socket = createSocket(target.host.includes(':') ? 'udp6' : 'udp4')
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.send(line, target.port, target.host, (error) => (error === null ? resolve() : reject(error)))
  }).finally(() => socket.close())
}

/** A socket of the machine is a stream for some syslogs; for those that take datagrams, which Node.js has not, `logger` writes it. */
async function sendLocal(path: string, line: string, signal: AbortSignal): Promise<void> {
  try {
    await sendStream({ path }, `${line}\n`, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPROTOTYPE') throw error
    await sendByLogger(path, line, signal)
  }
}

type Place = { readonly path: string } | { readonly host: string; readonly port: number }

function sendStream(place: Place, text: string, signal: AbortSignal): Promise<void> {
  const socket = connect(place)
  const cut = (): void => void socket.destroy(new Error('the syslog did not take it in time'))
  signal.addEventListener('abort', cut, { once: true })
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.resume()
    socket.once('close', (hadError) => hadError || resolve())
    socket.end(text)
  }).finally(() => signal.removeEventListener('abort', cut))
}

/** util-linux, on every Debian machine. The line goes over standard input; it makes a head of its own around the same message. */
function sendByLogger(path: string, line: string, signal: AbortSignal): Promise<void> {
  const [head = '', message = ''] = line.split(/ - (.*)/s)
  const priority = /^<(\d+)>/.exec(head)?.[1] ?? ''
  const args = ['--socket', path, '--prio-prefix', '--tag', 'postern', '--socket-errors=on']
  return new Promise((resolve, reject) => {
    const logger = spawn('logger', args, { signal, stdio: ['pipe', 'ignore', 'ignore'] })
    logger.once('error', reject)
    logger.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`logger ended with ${code}`))))
    logger.stdin.on('error', () => {}) // its end tells
    logger.stdin.end(`<${priority}>${message}\n`)
  })
}
