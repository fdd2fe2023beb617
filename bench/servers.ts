/** Servers to measure, each a process of its own on one core, ended by its process id. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { NewAccount } from '../src/accounts/account.ts'
import { makeTokenId } from '../src/tokens/secret.ts'
import { onCore } from './load.ts'

const ROOT = join(import.meta.dirname, '..')
export const PASSWORD = 'measured with a long password'

export type Measured = {
  readonly url: string
  readonly pid: number
  /** From the process's start to its ready line. */
  readonly startMs: number
  stop(): Promise<void>
}

/** A data folder that was set up, with `count` tokens of root and one more whose secret is known. */
export type Prepared = { readonly folder: string; readonly authorization: string; remove(): Promise<void> }

export async function prepareFolder(count: number, acl = 'basic-whm-functions'): Promise<Prepared> {
  const base = await mkdtemp(join(tmpdir(), 'postern-bench-'))
  const folder = join(base, 'data')
  await writeFile(join(base, 'password'), `${PASSWORD}\n`, { mode: 0o600 })
  const server = await startPostern(folder, { POSTERN_ROOT_PASSWORD_FILE: join(base, 'password') })
  const reply = await getJson(`${server.url}/json-api/api_token_create?api.version=1&token_name=bench&acl=${acl}`)
  await server.stop()
  if (count > 1) await fillTokens(folder, count - 1)
  const { token } = reply.data as { readonly token: string }
  return { folder, authorization: `whm root:${token}`, remove: () => rm(base, { recursive: true, force: true }) }
}

/** As `bin/postern` starts it. */
const POSTERN: Program = [join(ROOT, 'bin/postern')]
/** The same without ledger, metrics and alerts. */
export const UNWATCHED: Program = [
  process.execPath,
  '--disable-sigusr1',
  '--max-semi-space-size=16',
  join(import.meta.dirname, 'unwatched.ts'),
]
type Program = readonly [file: string, ...args: string[]]

/** On one core, unless it is to use what the machine has: hashing has threads of its own. */
export async function startPostern(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  isOnOneCore = true,
  [file, ...args]: Program = POSTERN,
): Promise<Measured> {
  const serve = [file, ...args, 'serve', '--data', folder, '--listen', '127.0.0.1:0'] as const
  const [program, rest] = isOnOneCore ? onCore(0, serve) : [serve[0], serve.slice(1)]
  const began = performance.now()
  const child = spawn(program, [...rest], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  const line = await lineOf(child, /^ready (https:\S+)$/)
  return { url: line, startMs: performance.now() - began, ...ended(child) }
}

/** Sends the bytes that Postern sends. */
export async function startBare(
  folder: string,
  reply: { readonly headers: readonly string[]; readonly body: string },
): Promise<Measured> {
  const [program, rest] = onCore(0, [
    process.execPath,
    join(import.meta.dirname, 'bare.ts'),
    join(folder, 'tls/cert.pem'),
    join(folder, 'tls/key.pem'),
  ])
  const began = performance.now()
  const child = spawn(program, [...rest], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin?.end(JSON.stringify(reply))
  const port = await lineOf(child, /^ready (\d+)$/)
  return { url: `https://127.0.0.1:${port}`, startMs: performance.now() - began, ...ended(child) }
}

/** The reply to one call, as the yardstick must send it; headers that Node adds itself are left out. */
export function replyOf(
  url: string,
  authorization: string,
): Promise<{ readonly headers: readonly string[]; readonly body: string }> {
  return new Promise((resolve, reject) => {
    get(url, { rejectUnauthorized: false, headers: { authorization } }, (reply) => {
      let body = ''
      reply.setEncoding('utf8')
      reply.on('data', (piece: string) => {
        body += piece
      })
      reply.on('end', () => resolve({ headers: ownHeaders(reply.rawHeaders), body }))
    }).on('error', reject)
  })
}

/** Resident memory in MiB (Linux). */
export function residentMiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(line) / 1024
}

function ownHeaders(rawHeaders: readonly string[]): readonly string[] {
  const own: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']
    if (!['date', 'connection', 'keep-alive'].includes(name.toLowerCase())) own.push(name, value)
  }
  return own
}

async function fillTokens(folder: string, count: number): Promise<void> {
  const { loadSettings } = await import('../src/config/settings.ts')
  const { makeEventLog } = await import('../src/server/event-log.ts')
  const { openRuntime } = await import('../src/server/runtime.ts')
  const { digestOf, makeSecret, currentPepper } = await import('../src/tokens/secret.ts')
  const { storesOn } = await import('../src/storage/stores.ts')
  const { settings } = loadSettings({ flags: { data: folder }, env: {}, packageRoot: folder })
  const runtime = await openRuntime({ settings, log: makeEventLog(), mustBeSetUp: true })
  const root = await runtime.stores.accounts.findUser('root')
  if (root === undefined) throw new Error('a folder without root')
  const at = new Date()
  for (let made = 0; made < count; made += 5000) {
    await runtime.storage.write(async (trx) => {
      const { tokens } = storesOn(trx)
      for (let index = made; index < Math.min(count, made + 5000); index += 1) {
        await tokens.insert({
          id: makeTokenId(),
          digest: digestOf(makeSecret('PSW'), currentPepper(runtime.folder.pepper)),
          pepperVersion: runtime.folder.pepper.current,
          userId: root.id,
          service: 'whm',
          isReadonly: false,
          name: `bench-${index}`,
          privileges: ['basic-whm-functions', 'list-accts'],
          ipRules: ['10.0.0.0/8'],
          createdAt: at,
          expiresAt: undefined,
        })
      }
    })
  }
  await runtime.close()
}

/** A folder with this many accounts besides root, and their homes, which the first start makes. */
export async function prepareAccounts(count: number): Promise<Prepared> {
  const prepared = await prepareFolder(1, 'list-accts')
  const { openRuntime } = await import('../src/server/runtime.ts')
  const { loadSettings } = await import('../src/config/settings.ts')
  const { makeEventLog } = await import('../src/server/event-log.ts')
  const { storesOn } = await import('../src/storage/stores.ts')
  const { settings } = loadSettings({ flags: { data: prepared.folder }, env: {}, packageRoot: prepared.folder })
  const runtime = await openRuntime({ settings, log: makeEventLog(), mustBeSetUp: true })
  const root = await runtime.stores.accounts.findUser('root')
  if (root === undefined) throw new Error('a folder without root')
  await runtime.storage.write(async (trx) => {
    const { accounts } = storesOn(trx)
    for (let index = 0; index < count; index += 1) await accounts.insertAccount(benchAccount(index, root.id))
  })
  await runtime.close()
  return prepared
}

function benchAccount(index: number, ownerId: number): NewAccount {
  const user = `u${index.toString(36).padStart(5, '0')}`
  return {
    user,
    passwordHash: '',
    domain: `${user}.example.com`,
    isTemporaryDomain: false,
    contactEmail: `${user}@example.org`,
    ownerId,
    plan: index % 3 === 0 ? 'basic' : 'default',
    ip: '127.0.0.1',
    theme: 'jupiter',
    shell: '/usr/sbin/nologin',
    locale: 'en',
    home: user,
    diskLimitMb: 1000 + index,
    bandwidthLimitMb: undefined,
    limits: { MAXPOP: '10', MAXADDON: '0', MAXPARK: '0' },
    createdAt: new Date(),
  }
}

async function getJson(url: string): Promise<{ readonly data: unknown }> {
  const { body } = await replyOf(url, `Basic ${Buffer.from(`root:${PASSWORD}`).toString('base64')}`)
  return JSON.parse(body) as { readonly data: unknown }
}

async function lineOf(child: ChildProcess, form: RegExp): Promise<string> {
  if (child.stdout === null) throw new Error('the server has no standard output')
  for await (const line of createInterface({ input: child.stdout })) {
    const found = form.exec(line)?.[1]
    if (found !== undefined) return found
  }
  throw new Error('the server ended before it was ready')
}

function ended(child: ChildProcess): { readonly pid: number; stop(): Promise<void> } {
  if (child.pid === undefined) throw new Error('the server could not be started')
  return {
    pid: child.pid,
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    },
  }
}
