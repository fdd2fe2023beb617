import type { Command } from 'commander'
import type { Flags } from '../config/settings.ts'
import { newCommand } from './command.ts'
import { type Door, dataOf, localDoor } from './door.ts'
import { type Io, onOneLine, print } from './io.ts'
import { serverRuns } from './local-client.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

type Options = Flags & { readonly acceptClock?: boolean }
type Finding = {
  readonly check: string
  readonly ok: boolean
  readonly warning: boolean
  readonly message: string
  readonly remedy?: string
}

/** `postern doctor`: looks at the data folder, with or without a running server. Exit 1 if anything must be mended. */
export function doctorCommand(io: Io): Command {
  const command = newCommand('doctor', io)
    .description('Checks the data folder and says what to do.')
    .option('--accept-clock', "take the machine's clock as right after it was set back")
  return addSettingsFlags(command).action(async ({ acceptClock, ...flags }: Options) => {
    const { settings } = settingsFor(flags, io)
    const { examine } = await import('../server/offline.ts')
    const found: readonly Finding[] = await examine(settings, { acceptClock: acceptClock === true })
    // Only a running server sends alerts and asks for certificates, and it alone knows how that goes.
    const findings = (await serverRuns(settings.data))
      ? [
          ...found,
          ...(await examineSinks(localDoor(settings.data))),
          ...(await examineAutoSsl(localDoor(settings.data))),
        ]
      : found
    await print(io.stdout, findings.map(formatFinding).join(''))
    io.exitCode = findings.every(({ ok }) => ok) ? 0 : 1
  })
}

type Sink = {
  readonly name: string
  readonly waiting: number
  readonly lost: number
  readonly last_error: string | null
}

async function examineSinks(door: Door): Promise<readonly Finding[]> {
  const { sinks } = dataOf(await door.call('postern_alert_sinks', {})) as { readonly sinks: readonly Sink[] }
  return sinks.map(({ name, waiting, lost, last_error: error }) => {
    const check = `alerts by ${name}`
    const counted = `${waiting} wait, ${lost} were given up`
    return error === null
      ? { check, ok: true, warning: false, message: counted }
      : {
          check,
          ok: true,
          warning: true,
          message: `${counted}; ${error}`,
          remedy: 'Mend it, then try: postern alert test.',
        }
  })
}

const SITES_SHOWN = 5

/** The first of those that get no certificate, each with what was said to it. */
async function examineAutoSsl(door: Door): Promise<readonly Finding[]> {
  const { enabled, sites } = dataOf(await door.call('postern_autossl_list', {})) as {
    readonly enabled: 0 | 1
    readonly sites: readonly { readonly site: string; readonly result: string; readonly problem: string }[]
  }
  const check = 'automatic certificates'
  const failing = sites.filter(({ result }) => result === 'failed')
  if (failing.length === 0)
    return enabled === 0 ? [] : [{ check, ok: true, warning: false, message: 'no site waits after a failure' }]
  const shown = failing.slice(0, SITES_SHOWN).map(({ site, problem }) => `${site}: ${problem}`)
  const more = failing.length > SITES_SHOWN ? `; and ${failing.length - SITES_SHOWN} more` : ''
  const remedy = 'Mend it, then try: whmapi1 start_autossl_check_for_one_user username=NAME.'
  return [{ check, ok: true, warning: true, message: `${shown.join('; ')}${more}`, remedy }]
}

/** One line, and a second one with the remedy if there is one. */
export function formatFinding({ check, ok, warning, message, remedy }: Finding): string {
  const state = !ok ? 'BAD    ' : warning ? 'warning' : 'ok     '
  const line = `${state}  ${onOneLine(check)}: ${onOneLine(message)}\n`
  return remedy === undefined ? line : `${line}         -> ${onOneLine(remedy)}\n`
}
