/**
 * Debian's Dovecot and Postfix with folders of their own, set up as `docs/mail.md` says. Dovecot runs as the user that the server runs as;
 * Postfix needs root. Both listen on free ports of the loopback alone.
 */
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../faults/wait.ts'

const runFile = promisify(execFile)
const DOCUMENT = resolve(import.meta.dirname, '../../docs/mail.md')
const READY_MS = 30_000

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Whom the server runs as, since Dovecot serves no mailbox of root's. */
export type Owner = { readonly uid: number; readonly gid: number; readonly user: string; readonly group: string }

export function ownerOfMail(): Owner {
  const isRoot = process.getuid?.() === 0
  const [user, group] = isRoot ? ['nobody', 'nogroup'] : [idOf('-un'), idOf('-gn')]
  return { user, group, uid: Number(idOf('-u', user)), gid: Number(idOf('-g', user)) }
}

function idOf(...words: readonly string[]): string {
  return execFileSync('id', words, { encoding: 'utf8' }).trim()
}

/** What to put before a command, so that it runs as the owner; with `capabilities` it reads what root alone may. */
export function asOwner({ uid, gid }: Owner, capabilities = ''): readonly string[] {
  if (process.getuid?.() !== 0) return []
  const more = capabilities === '' ? [] : [`--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`]
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...more]
}

/** What to put before a command that needs root; undefined when nobody here can be root. */
export function asRoot(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return []
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined
}

/** The block of the document that begins with this line, without it. */
async function documented(firstLine: string): Promise<string> {
  const blocks = (await readFile(DOCUMENT, 'utf8')).matchAll(/^```\n([\s\S]*?)^```$/gm)
  for (const [, block = ''] of blocks)
    for (const part of block.split(/\n(?=# \/)/))
      if (part.startsWith(`${firstLine}\n`)) return part.slice(firstLine.length)
  throw new Error(`docs/mail.md has no block that begins with ${firstLine}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => done(true)).on('error', () => done(false))
    socket.on('connect', () => socket.destroy())
  })
}

export type Dovecot = {
  readonly imapPort: number
  readonly lmtpPort: number
  doveadm(...words: readonly string[]): Promise<string>
  log(): Promise<string>
  stop(): Promise<void>
}

/** `folder` is made, `data` is the data folder of the server. */
export async function startDovecot(folder: string, data: string, owner: Owner): Promise<Dovecot> {
  const [imapPort, lmtpPort] = [await freePort(), await freePort()]
  await mkdir(join(folder, 'run'), { recursive: true })
  for (const path of [folder, join(folder, 'run')]) await chown(path, owner.uid, owner.gid)
  const shipped = (await documented('# /etc/dovecot/local.conf'))
    .replaceAll('/var/lib/postern', data)
    .replace('user = postern', `user = ${owner.user}`)
    .replace(/^service lmtp \{[\s\S]*?^\}\n/m, '')
  const config = join(folder, 'dovecot.conf')
  // What Dovecot needs beside that to run without root and apart from the machine's own.
  await writeFile(
    config,
    `${shipped}
base_dir = ${folder}/run
log_path = ${folder}/log
default_internal_user = ${owner.user}
default_internal_group = ${owner.group}
default_login_user = ${owner.user}
first_valid_uid = ${Math.min(owner.uid, 500)}
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
listen = 127.0.0.1
service anvil {
  chroot =
  # Or each refused sign-in makes those after it wait longer.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${imapPort}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    port = ${lmtpPort}
  }
}
`,
  )
  await chown(config, owner.uid, owner.gid)
  const [file = '', ...words] = [...asOwner(owner), '/usr/sbin/dovecot', '-F', '-c', config]
  const child = spawn(file, words, { stdio: ['ignore', 'ignore', 'inherit'] })
  running.add(child)
  const log = () => readFile(join(folder, 'log'), 'utf8').catch(() => '')
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    }
    running.delete(child)
  }
  try {
    await until(async () => (await accepts(imapPort)) && (await accepts(lmtpPort)), READY_MS, 'Dovecot')
  } catch (cause) {
    await stop()
    throw new Error(`Dovecot did not start: ${await log()}`, { cause })
  }
  return {
    imapPort,
    lmtpPort,
    log,
    stop,
    async doveadm(...more) {
      const [doveadm = '', ...rest] = [...asOwner(owner), '/usr/bin/doveadm', '-c', config, ...more]
      return (await runFile(doveadm, rest)).stdout
    },
  }
}

/** One IMAP command after the sign-in; undefined when the sign-in was refused. */
export async function imap(
  port: number,
  user: string,
  password: string,
  command: string,
  mailbox = '',
): Promise<string | undefined> {
  const child = spawn('curl', ['--silent', '--max-time', '20', '--config', '-'], { stdio: ['pipe', 'pipe', 'inherit'] })
  // By standard input: an argument could be read in the process list.
  const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  const config = [
    `url = ${quoted(`imap://127.0.0.1:${port}/${mailbox}`)}`,
    `user = ${quoted(`${user}:${password}`)}`,
    `request = ${quoted(command)}`,
  ]
  child.stdin.end(`${config.join('\n')}\n`)
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code] = (await once(child, 'close')) as [number]
  // CURLE_LOGIN_DENIED
  if (code === 67) return undefined
  if (code !== 0) throw new Error(`curl ended with ${code} on ${command}`)
  return said
}

export type Postfix = {
  readonly port: number
  /** Makes the tables, with the command of the document. */
  makeTables(): Promise<void>
  /** The same, and has them read at once. */
  again(): Promise<void>
  log(): Promise<string>
  stop(): Promise<void>
}

/** Mail goes to the LMTP server at the port. `data` is the data folder of the server. */
export async function startPostfix(data: string, lmtpPort: number): Promise<Postfix> {
  const root = asRoot()
  if (root === undefined) throw new Error('Postfix needs root')
  const rooted = async (...words: readonly string[]): Promise<string> => {
    const [file = '', ...rest] = [...root, ...words]
    return (await runFile(file, rest, { maxBuffer: 64 * 1024 * 1024 })).stdout
  }
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'postern-postfix-'))
  // Its own user passes through.
  await chmod(folder, 0o711)
  const at = (name: string): string => join(folder, name)
  for (const name of ['etc', 'queue', 'data']) await mkdir(at(name), { recursive: true })
  await rooted('chown', 'root:root', at('etc'), at('queue'))
  await rooted('chown', 'postfix', at('data'))
  const shipped = (await documented('# /etc/postfix/main.cf')).replaceAll('/var/lib/postern', data)
  await writeAsRoot(
    rooted,
    at('etc/main.cf'),
    `${shipped.replace(/^virtual_transport.*\n/m, '')}
compatibility_level = 3.6
config_directory = ${at('etc')}
queue_directory = ${at('queue')}
data_directory = ${at('data')}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.test.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_transport = lmtp:inet:127.0.0.1:${lmtpPort}
smtpd_relay_restrictions = reject_unauth_destination
default_transport = error:no mail leaves a test
alias_maps =
alias_database =
maillog_file = ${at('log')}
maillog_file_prefixes = ${folder}
`,
  )
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'postlog unix-dgram n - n - 1 postlogd',
    ...['pickup', 'qmgr'].map((name) => `${name} unix n - n 60 1 ${name}`),
    'cleanup unix n - n - 0 cleanup',
    'rewrite unix - - n - - trivial-rewrite',
    ...['bounce', 'defer', 'trace'].map((name) => `${name} unix - - n - 0 bounce`),
    ...['error', 'retry'].map((name) => `${name} unix - - n - - error`),
    ...['discard', 'lmtp', 'smtp', 'proxymap'].map((name) => `${name} unix - - n - - ${name}`),
    ...['anvil', 'scache', 'verify'].map((name) => `${name} unix - - n - 1 ${name}`),
    'flush unix n - n 1000? 0 flush',
  ]
  await writeAsRoot(rooted, at('etc/master.cf'), `${services.join('\n')}\n`)
  const makeTables = async (): Promise<void> => {
    const [, command = ''] =
      /^ExecStart=(.*)$/m.exec(await documented('# /etc/systemd/system/postern-mail-maps.service')) ?? []
    await rooted('sh', '-c', `cd '${data}/mail/postfix' && ${command}`)
  }
  await makeTables()
  await rooted('/usr/sbin/postfix', '-c', at('etc'), 'start')
  const again = async (): Promise<void> => {
    await makeTables()
    // Postfix notices by itself, within ten seconds.
    await rooted('/usr/sbin/postfix', '-c', at('etc'), 'reload')
  }
  const master = Number((await rooted('cat', at('queue/pid/master.pid'))).trim())
  const isAlive = () =>
    rooted('kill', '-0', String(master)).then(
      () => true,
      () => false,
    )
  process.on('exit', () => void spawnSync('sh', ['-c', [...root, 'kill', String(master)].join(' ')]))
  const log = () => rooted('cat', at('log')).catch(() => '')
  await until(() => accepts(port), READY_MS, 'Postfix')
  return {
    port,
    makeTables,
    again,
    log,
    async stop() {
      await rooted('kill', String(master))
      await until(async () => !(await isAlive()), READY_MS, 'the end of Postfix')
      await rooted('rm', '-rf', folder)
    },
  }
}

async function writeAsRoot(rooted: (...words: readonly string[]) => Promise<string>, path: string, text: string) {
  await rooted('sh', '-c', `printf '%s' "$1" > "$2"`, 'sh', text, path)
}
