/**
 * Transcripts: requests and commands with the exact replies, readable by people who know WHM, and replayed byte for byte.
 *
 *     # A remark.
 *     > GET /json-api/version?api.version=1            the request as it is sent; Host, Connection: close and Content-Length are added
 *     > Authorization: whm root:[token]
 *     < HTTP/1.1 200 OK                                 the whole reply as it came: status line, headers, an empty line, the body
 *     < ...
 *     $ whmapi1 version                                 a command for the shell, beside the server
 *     < ---                                             what it prints
 *     = 0                                               how it ends
 *
 * Bodies stand behind an empty `>` or `<` line. What differs from run to run is a placeholder in a reply: `[token]`, `[time]` (Unix
 * seconds), `[cookie]`, `[security-token]`, and `[any]` for the rest of it, never beyond the line. In a request a placeholder stands for
 * what it matched last; twice in one reply it must match the same, but for `[time]` and `[any]`.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { connect } from 'node:tls'
import type { TestServer } from './start-server.ts'

export type Step = {
  readonly kind: 'request' | 'command'
  /** Line in the file, from 1. */
  readonly line: number
  readonly sent: string
  readonly reply: string
}

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  token: 'PS[WC][0-9A-Z]{29}',
  time: '[0-9]{10}',
  cookie: '[A-Za-z0-9_-]{22}%2C[0-9a-f]{32}',
  'security-token': '/cpsess[0-9]{10}',
  any: '[^\\n]*?',
}
const PLACEHOLDER = /\[(token|time|cookie|security-token|any)\]/g
const FREE = ['time', 'any']

const MARKS: Readonly<Record<string, 'request' | 'command'>> = { '>': 'request', $: 'command' }

/** Throws for a line that is none of the above. */
export function parseTranscript(text: string): readonly Step[] {
  const steps: { kind: 'request' | 'command'; line: number; sent: string[]; reply: string[] }[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const mark = line[0] ?? '#'
    const rest = line.slice(line[1] === ' ' ? 2 : 1)
    const last = steps.at(-1)
    const kind = MARKS[mark]
    if (mark === '#') continue
    if (kind !== undefined && (last === undefined || last.reply.length > 0))
      steps.push({ kind, line: index + 1, sent: [rest], reply: [] })
    else if (kind === 'request' && last?.kind === 'request') last.sent.push(rest)
    else if (mark === '<' && last !== undefined) last.reply.push(rest)
    else if (mark === '=' && last?.kind === 'command') last.reply.push(`= ${rest}`)
    else throw new Error(`line ${index + 1} of the transcript is none`)
  }
  return steps.map(({ sent, reply, ...step }) => ({ ...step, sent: sent.join('\n'), reply: reply.join('\n') }))
}

/** Sends one step; placeholders in it are filled from `known`. Gives the reply in the form in which a transcript has it. */
export function play(server: TestServer, step: Step, known: ReadonlyMap<string, string>): Promise<string> {
  const sent = step.sent.replace(PLACEHOLDER, (_, name: string) => {
    const value = known.get(name)
    if (value === undefined) throw new Error(`[${name}] was not seen before line ${step.line}`)
    return value
  })
  return step.kind === 'request' ? exchange(server, sent) : run(server, sent)
}

/** What the placeholders stood for when the reply is the one expected; undefined when it is not. */
export function matchReply(expected: string, actual: string): ReadonlyMap<string, string> | undefined {
  const groups: string[] = []
  const pattern = expected
    .split(PLACEHOLDER)
    .map((part, i) => (i % 2 === 0 ? RegExp.escape(part) : patternOf(part, groups)))
    .join('')
  const match = new RegExp(`^${pattern}$`).exec(actual)
  return match === null ? undefined : new Map(groups.map((name, i) => [name, match[i + 1] ?? '']))
}

function patternOf(name: string, groups: string[]): string {
  const pattern = PLACEHOLDERS[name] ?? ''
  if (FREE.includes(name)) return pattern
  const seen = groups.indexOf(name)
  if (seen !== -1) return `\\${seen + 1}(?![0-9])`
  groups.push(name)
  return `(${pattern})`
}

function exchange(server: TestServer, sent: string): Promise<string> {
  const [head = '', body = ''] = sent.split(/\n\n([\s\S]*)/)
  const [first = '', ...lines] = head.split('\n')
  const added = ['Host: panel.example.com:2087', 'Connection: close']
  if (body !== '') added.push(`Content-Length: ${Buffer.byteLength(body)}`)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false })
    const pieces: Buffer[] = []
    socket.on('data', (piece: Buffer) => pieces.push(piece))
    socket.on('error', reject)
    socket.on('end', () => resolve(Buffer.concat(pieces).toString('utf8').replaceAll('\r\n', '\n')))
    socket.write(`${[`${first} HTTP/1.1`, ...added, ...lines].join('\r\n')}\r\n\r\n${body}`)
  })
}

const BIN = join(import.meta.dirname, '../bin')

function run(server: TestServer, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${BIN}:${process.env.PATH}`, POSTERN_DATA: server.folder }
    const child = spawn('/bin/sh', ['-c', command], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    child.on('error', reject)
    child.on('close', (code) => resolve(`${output}= ${code}`))
  })
}
