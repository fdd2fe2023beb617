/** Load from another core: `wrk` where it is installed, else autocannon. Gives calls a second; throws when a reply was not a 2xx. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type Load = {
  readonly url: string
  readonly authorization: string
  readonly connections: number
  readonly seconds: number
}

/** Which program makes the load. */
export const LOAD_PROGRAM: 'wrk' | 'autocannon' = existsSync('/usr/bin/wrk') ? 'wrk' : 'autocannon'

export async function callsPerSecond(load: Load, core: number): Promise<number> {
  return LOAD_PROGRAM === 'wrk' ? withWrk(load, core) : withAutocannon(load, core)
}

/** Runs a command on one core; without `taskset` (not Linux) wherever the system likes. */
export function onCore(core: number, command: readonly string[]): readonly [string, readonly string[]] {
  const [program, ...rest] = existsSync('/usr/bin/taskset') ? ['taskset', '-c', String(core), ...command] : command
  if (program === undefined) throw new Error('an empty command')
  return [program, rest]
}

async function withWrk({ url, authorization, connections, seconds }: Load, core: number): Promise<number> {
  const command = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '-H', `Authorization: ${authorization}`, url]
  const [program, rest] = onCore(core, command)
  const { stdout } = await run(program, [...rest])
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]
  if (rate === undefined || /Non-2xx/.test(stdout)) throw new Error(`wrk could not measure:\n${stdout}`)
  return Number(rate)
}

async function withAutocannon({ url, authorization, connections, seconds }: Load, core: number): Promise<number> {
  const autocannon = new URL('../node_modules/.bin/autocannon', import.meta.url).pathname
  const command = [
    autocannon,
    '-j',
    '-c',
    String(connections),
    '-d',
    String(seconds),
    '-H',
    `authorization=${authorization}`,
    url,
  ]
  const [program, rest] = onCore(core, command)
  const { stdout } = await run(program, [...rest], {
    maxBuffer: 16 * 1024 * 1024,
    env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
  })
  const result = JSON.parse(stdout) as { readonly requests: { readonly average: number }; readonly non2xx: number }
  if (result.non2xx > 0) throw new Error('autocannon got replies that were no success')
  return result.requests.average
}
