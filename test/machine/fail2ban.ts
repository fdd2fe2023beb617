/** Debian's Fail2Ban with a folder of its own: its socket, process id, database and log lie there, and its actions write a file. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const runFile = promisify(execFile)

export type Fail2Ban = {
  readonly folder: string
  /** `fail2ban-client`, of this server alone; gives what it prints. */
  client(...words: readonly string[]): Promise<string>
  /** What the action was told: `ban ADDRESS` and `unban ADDRESS`, in order. */
  actions(): Promise<readonly string[]>
  stop(): Promise<void>
}

const POSTERN = join(import.meta.dirname, '../../bin/postern')

/** Writes filter and jail as an administrator does. */
export async function installFilter(folder: string, data: string, listen = '127.0.0.1:2087'): Promise<void> {
  await runFile(POSTERN, ['fail2ban', 'install', '--dir', folder, '--data', data, '--listen', listen])
}

/** The lines of the log that the shipped filter matches, by address, as the real program reports them. */
export async function matchedAddresses(folder: string, log: string): Promise<readonly string[]> {
  const { stdout } = await runFile('fail2ban-regex', ['-o', 'ip', log, join(folder, 'filter.d/postern.conf')], {
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout.split('\n').filter((line) => line !== '')
}

/** A folder in which Fail2Ban starts from nothing. */
export async function makeFail2BanFolder(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-fail2ban-'))
  await mkdir(join(folder, 'action.d'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

const ACTIONS = 'actions.txt'

/** The jail that is installed in the folder, at work. `action` is one of `action.d`; by default it only writes what it is told. */
export async function startFail2Ban(folder: string, action = 'record'): Promise<Fail2Ban> {
  const at = (name: string): string => join(folder, name)
  const socket = at('fail2ban.sock')
  await writeFile(at(ACTIONS), '')
  await writeFile(
    at('fail2ban.conf'),
    `[DEFAULT]\n[Definition]\nloglevel = INFO\nlogtarget = ${at('fail2ban.log')}\nsyslogsocket = auto\nsocket = ${socket}\npidfile = ${at('fail2ban.pid')}\ndbfile = ${at('fail2ban.sqlite3')}\ndbpurgeage = 1d\n`,
  )
  // The attacks of a test come from this machine.
  await writeFile(at('jail.conf'), `[DEFAULT]\nignoreself = false\nignorecommand =\naction = ${action}\n`)
  await writeFile(
    at('action.d/record.conf'),
    `[Definition]\nactionstart =\nactionstop =\nactioncheck =\nactionban = echo "ban <ip>" >> ${at(ACTIONS)}\nactionunban = echo "unban <ip>" >> ${at(ACTIONS)}\n`,
  )
  const child = spawn('fail2ban-server', ['-f', '-c', folder, '-s', socket, '-p', at('fail2ban.pid'), 'start'], {
    stdio: 'ignore',
  })
  const client = async (...words: readonly string[]): Promise<string> =>
    (await runFile('fail2ban-client', ['-c', folder, '-s', socket, ...words])).stdout
  await untilReady(child, client, at('fail2ban.log'))
  return {
    folder,
    client,
    actions: async () => (await readFile(at(ACTIONS), 'utf8')).split('\n').filter((line) => line !== ''),
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    },
  }
}

async function untilReady(
  child: ChildProcess,
  client: (...words: readonly string[]) => Promise<string>,
  log: string,
): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    const status = await client('status', 'postern').catch(() => '')
    if (status.includes('postern')) return
    if (child.exitCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  child.kill('SIGTERM')
  throw new Error(`Fail2Ban did not start:\n${await readFile(log, 'utf8').catch(() => 'it left no log')}`)
}
