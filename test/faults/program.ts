/** The real program as a child process, for tests of what a crash, a signal or the machine around it does to it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { done, queryOf, type Reply, sendTo } from '../start-server.ts'

export const ROOT_PASSWORD = 'the gate is narrow 7'

const root = join(import.meta.dirname, '../..')
const START_MAX_MS = 20_000
const END_MAX_MS = 15_000

export type Arguments = Parameters<typeof queryOf>[0]

/** A folder for one server, with the preset password of root beside it. */
export type Place = {
  readonly base: string
  readonly data: string
  readonly flags: readonly string[]
  remove(): Promise<void>
}

export async function makePlace(
  options: { readonly database?: string | undefined; readonly base?: string } = {},
): Promise<Place> {
  const base = options.base ?? (await mkdtemp(join(tmpdir(), 'postern-test-')))
  const passwordFile = join(base, 'root-password')
  await writeFile(passwordFile, `${ROOT_PASSWORD}\n`, { mode: 0o600 })
  const data = join(base, 'data')
  const database = options.database === undefined ? [] : ['--database', options.database]
  return {
    base,
    data,
    flags: [
      '--data',
      data,
      '--listen',
      '127.0.0.1:0',
      '--root-password-file',
      passwordFile,
      '--hostname',
      'panel.example.com',
      ...database,
    ],
    remove: () => rm(base, { recursive: true, force: true }),
  }
}

/** Without what the test runner, or a person, has set for other programs. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(POSTERN_|NODE_|DATABASES$)/.test(name)))
}

export type Program = {
  readonly child: ChildProcess
  readonly pid: number
  readonly url: string
  /** From the start of the process to its ready line. */
  readonly readyMs: number
  readonly agent: Agent
  stdout(): string
  stderr(): string
  send(path: string, options?: Parameters<typeof sendTo>[2]): Promise<Reply>
  /** By GET, with `Authorization: whm USER:SECRET`. */
  call(credential: string, functionName: string, args?: Arguments): Promise<Reply>
  /** As root with the password. */
  root(functionName: string, args?: Arguments): Promise<Reply>
  /** Makes a token for root; gives `root:SECRET`. */
  rootToken(name: string, acl: readonly string[], more?: Arguments): Promise<string>
  /** The exit status, or the signal's name. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** Sends the signal and waits for the end; gives the exit status, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export type StartOptions = {
  readonly env?: NodeJS.ProcessEnv
  readonly command?: readonly string[]
  /** Where standard error goes instead of into memory. */
  readonly stderr?: number
}

/** Starts the process; `ready` resolves with its URL, or rejects when it ended before. */
export function launch(flags: readonly string[], options: StartOptions = {}) {
  const [file = '', ...before] = [...(options.command ?? []), join(root, 'bin/postern'), 'serve']
  const child = spawn(file, [...before, ...flags], {
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', options.stderr ?? 'pipe'],
  })
  running.add(child)
  const ended = once(child, 'exit').then(([code, signal]) => {
    running.delete(child)
    return (signal ?? code) as number | NodeJS.Signals
  })
  const heard = { stdout: '', stderr: '' }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    heard.stderr += text
  })
  const ready = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready: ${heard.stderr}`)), START_MAX_MS)
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      heard.stdout += text
      const url = /^ready (https:\S+)\n/m.exec(heard.stdout)?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    })
    void ended.then((how) => {
      clearTimeout(timer)
      reject(new Error(`ended (${how}) before it was ready: ${heard.stderr}`))
    })
  })
  ready.catch(() => {})
  return { child, ready, ended, heard }
}

export async function startProgram(flags: readonly string[], options: StartOptions = {}): Promise<Program> {
  const from = performance.now()
  const { child, ready, ended, heard } = launch(flags, options)
  const url = await ready
  const readyMs = performance.now() - from
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  const send: Program['send'] = (path, more = {}) => sendTo(url, path, { agent, ...more })
  const call: Program['call'] = (credential, name, args = {}) =>
    send(pathOf(name, args), { headers: { authorization: `whm ${credential}` } })
  const asRoot: Program['root'] = (name, args = {}) =>
    send(pathOf(name, args), {
      headers: { authorization: `Basic ${Buffer.from(`root:${ROOT_PASSWORD}`).toString('base64')}` },
    })
  return {
    child,
    pid: child.pid ?? 0,
    url,
    readyMs,
    agent,
    ended,
    stdout: () => heard.stdout,
    stderr: () => heard.stderr,
    send,
    call,
    root: asRoot,
    async rootToken(name, acl, more = {}) {
      return `root:${done(await asRoot('api_token_create', { token_name: name, acl, ...more })).json.data.token}`
    },
    async end(signal) {
      child.kill(signal)
      // A test must not wait for ever for a server that does not end; that it was killed shows in what comes back.
      const timer = setTimeout(() => child.kill('SIGKILL'), END_MAX_MS)
      const how = await ended
      clearTimeout(timer)
      agent.destroy()
      return how
    },
  }
}

export function pathOf(functionName: string, args: Arguments = {}): string {
  return `/json-api/${functionName}?${queryOf({ 'api.version': '1', ...args })}`
}

export type Ran = { readonly status: number | NodeJS.Signals; readonly stdout: string; readonly stderr: string }

/** Runs a command of the program to its end, or kills it on the way. */
export async function runProgram(
  bin: 'postern' | 'whmapi1',
  args: readonly string[],
  input = '',
  killAfterMs?: number,
): Promise<Ran> {
  const child = spawn(join(root, 'bin', bin), args, { env: cleanEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] })
  const heard = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      heard[name] += text
    })
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timer)
  return { status: signal ?? code ?? -1, ...heard }
}
