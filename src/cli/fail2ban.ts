import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { parseListen } from '../config/listen.ts'
import { Problem } from '../config/problem.ts'
import type { Settings } from '../config/schema.ts'
import type { Flags } from '../config/settings.ts'
import { newCommand } from './command.ts'
import { type Io, onOneLine, print } from './io.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

type Options = Flags & { readonly dir?: string }

/** `postern fail2ban install`: what Fail2Ban needs to act on refused sign-ins and tokens. */
export function fail2banCommand(io: Io): Command {
  const install = newCommand('install', io)
    .description('Writes a filter and a jail for Fail2Ban.')
    .option('--dir <DIR>', "Fail2Ban's folder", '/etc/fail2ban')
  addSettingsFlags(install, ['data', 'listen', 'cpanelListen']).action(async ({ dir = '', ...flags }: Options) => {
    await installFiles(dir, settingsFor(flags, io).settings, io)
  })
  return newCommand('fail2ban', io).description('Works with Fail2Ban.').addCommand(install)
}

async function installFiles(dir: string, settings: Settings, io: Io): Promise<void> {
  if (!(await exists(dir)))
    throw new Problem(`there is no folder ${dir}`, 'install Fail2Ban, or name its folder with --dir')
  const log = join(settings.data, 'logs/auth.log')
  const files = [
    { path: join(dir, 'filter.d/postern.conf'), text: FILTER },
    { path: join(dir, 'jail.d/postern.conf'), text: jailFor(log, portsOf(settings)) },
  ]
  for (const { path, text } of files) {
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, text, { mode: 0o644 })
  }
  const wrote = files.map(({ path }) => `wrote ${onOneLine(path)}\n`).join('')
  const missing = (await exists(log)) ? '' : `Start the server first: Fail2Ban wants ${onOneLine(log)} to be there.\n`
  await print(io.stdout, `${wrote}${missing}Then: fail2ban-client reload\n`)
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function portsOf({ listen, cpanelListen }: Settings): string {
  const places = cpanelListen === 'off' ? [listen] : [listen, cpanelListen]
  return places.map((place) => parseListen(place).port).join(',')
}

const CHANGES = 'Written by "postern fail2ban install", again each time: put changes into postern.local beside it.'

// `protection/auth-line.ts` writes the lines. The address is what only the server writes, straight after a word that nobody else can
// bring to the beginning of a line; what a stranger made stands in the quotes at the end, whole.
const FILTER = `# ${CHANGES}
[Init]
# sign-in: a wrong password or code. bad-token: no token at all. old-token: one that somebody held.
kinds = sign-in|bad-token|old-token

[Definition]
failregex = ^\\s?postern: auth-refused ip=<ADDR> kind=(?:<kinds>) reason=[a-z-]+ service=[a-z]+ user="(?:[^"\\\\]|\\\\["\\\\]|\\\\u[0-9a-f]{4})*"$
ignoreregex =
datepattern = ^%%Y-%%m-%%dT%%H:%%M:%%S\\.%%f%%z
`

function jailFor(log: string, ports: string): string {
  return `# ${CHANGES}
# Another jail for one kind alone: filter = postern[kinds="old-token"]
[postern]
enabled = true
filter = postern
logpath = ${log.replaceAll('%', '%%')}
backend = auto
usedns = no
port = ${ports}
findtime = 10m
maxretry = 5
bantime = 10m
`
}
