/** Trouble on purpose: what valid token calls keep of their pace under it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { promisify } from 'node:util'
import { onCore } from './load.ts'

export type Flooded = {
  readonly sent: number
  readonly answered: number
  readonly seconds: number
  /** Connections that ended before their handshake did. */
  readonly dropped: number
  readonly statuses: Readonly<Record<string, number>>
}

/** On the core of the load. Resolves when it floods. */
export async function startFlood(
  url: string,
  perSecond: number,
  addresses: number,
  kind: 'tokens' | 'passwords',
): Promise<{ stop(): Promise<Flooded> }> {
  const { port } = new URL(url)
  const [program, rest] = onCore(1, [
    process.execPath,
    join(import.meta.dirname, 'flooder.ts'),
    port,
    String(perSecond),
    String(addresses),
    kind,
  ])
  const child = spawn(program, [...rest], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  await nextLine(child, lines)
  return {
    async stop() {
      const last = nextLine(child, lines)
      child.kill('SIGTERM')
      return JSON.parse(await last) as Flooded
    },
  }
}

async function nextLine(child: ChildProcess, lines: Interface): Promise<string> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('the flood ended by itself')
  })
  const [line] = await Promise.race([once(lines, 'line'), ended])
  ended.catch(() => {})
  return String(line)
}

export type Paced = {
  readonly calls: number
  readonly errors: number
  /** In milliseconds, from the moment at which each call was due. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/** Good calls at an even pace, from the core of the load. */
export async function pace(url: string, authorization: string, perSecond: number, seconds: number): Promise<Paced> {
  const [program, rest] = onCore(1, [
    process.execPath,
    join(import.meta.dirname, 'pacer.ts'),
    url,
    authorization,
    String(perSecond),
    String(seconds),
  ])
  const { stdout } = await promisify(execFile)(program, [...rest])
  return JSON.parse(stdout) as Paced
}
