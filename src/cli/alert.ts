import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { Problem } from '../config/problem.ts'
import type { Flags } from '../config/settings.ts'
import { newCommand, UsageProblem } from './command.ts'
import { type Door, dataOf, localDoor } from './door.ts'
import { type Io, onOneLine, print } from './io.ts'
import { parseMoment } from './moment.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

const FILTERS = {
  kind: ['<KIND>', 'only alerts of this kind'],
  severity: ['<SEVERITY>', 'notice, warning or critical'],
  token: ['<ID>', 'only alerts about the token with this public id'],
  state: ['<STATE>', 'open or acknowledged'],
  since: ['<WHEN>', 'YYYY-MM-DD, a date and time, or Unix seconds'],
  limit: ['<NUMBER>', 'how many at most, the newest'],
} as const

type ListOptions = Flags & { readonly [name in keyof typeof FILTERS]?: string } & { readonly output: string }
type MuteOptions = Flags & { readonly kind?: string; readonly token?: string; readonly until?: string }

const TEST_WAIT_MS = 30_000
const TEST_POLL_MS = 250

/** `postern alert …`: what needs somebody's attention, through the running server. */
export function alertCommand(io: Io): Command {
  const command = newCommand('alert', io).description('Lists, acknowledges and mutes alerts, and tests where they go.')
  for (const make of [listCommand, acknowledgeCommand, muteCommand, unmuteCommand, testCommand])
    command.addCommand(make(io))
  return command
}

function listCommand(io: Io): Command {
  const command = newCommand('list', io).description('Prints alerts, newest first.')
  for (const [name, [value, doc]] of Object.entries(FILTERS)) command.option(`--${name} ${value}`, doc)
  command.option('--output <FORM>', 'text or json', 'text')
  return addSettingsFlags(command, ['data']).action(async (options: ListOptions) => {
    if (options.output !== 'text' && options.output !== 'json')
      throw new UsageProblem('the output form is not known', 'choose text or json')
    const data = dataOf(await doorFor(options, io).call('postern_alert_list', listArguments(options))) as {
      readonly alerts: readonly Listed[]
    }
    await print(
      io.stdout,
      options.output === 'json' ? `${JSON.stringify(data.alerts)}\n` : data.alerts.map(formatAlert).join(''),
    )
  })
}

function listArguments(options: ListOptions): Readonly<Record<string, string>> {
  const { kind, severity, token, state, limit, since } = options
  const given = { kind, severity, token_id: token, state, limit, since: since && momentIn('since', since) }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

type Listed = Readonly<Record<string, unknown>>

/** One line an alert: number, last time, severity, kind, occurrences, state, reason. */
export function formatAlert(alert: Listed): string {
  const at = new Date(Number(alert.time) * 1000).toISOString()
  const state = alert.muted === 1 ? 'muted' : alert.acknowledged === null ? 'open' : 'acknowledged'
  const words = [alert.id, at, alert.severity, alert.kind, `x${alert.occurrences}`, state, alert.reason]
  return `${words.map((word) => onOneLine(String(word))).join(' ')}\n`
}

function acknowledgeCommand(io: Io): Command {
  const command = newCommand('acknowledge', io)
    .description('Closes alerts by their numbers.')
    .argument('<NUMBER...>', 'as postern alert list prints them')
  return addSettingsFlags(command, ['data']).action(async (ids: readonly string[], options: Flags) => {
    dataOf(await doorFor(options, io).call('postern_alert_acknowledge', { id: ids }))
  })
}

function muteCommand(io: Io): Command {
  const command = newCommand('mute', io)
    .description(
      'Keeps a kind of alert, a token, or a kind for a token from mail, webhook and syslog. Prints its number.',
    )
    .option('--kind <KIND>', 'the kind to mute')
    .option('--token <ID>', 'the public id of the token to mute')
    .option('--until <WHEN>', 'when it ends by itself')
  return addSettingsFlags(command, ['data']).action(async (options: MuteOptions) => {
    const { kind, token, until } = options
    if (kind === undefined && token === undefined)
      throw new UsageProblem('it is not said what to mute', 'name --kind, --token or both')
    const given = {
      ...(kind !== undefined && { kind }),
      ...(token !== undefined && { token_id: token }),
      ...(until !== undefined && { until: momentIn('until', until) }),
    }
    const { id } = dataOf(await doorFor(options, io).call('postern_alert_mute', given)) as { readonly id: number }
    await print(io.stdout, `${id}\n`)
  })
}

function unmuteCommand(io: Io): Command {
  const command = newCommand('unmute', io)
    .description('Takes a mute back.')
    .argument('<NUMBER>', 'as postern alert mute printed it')
  return addSettingsFlags(command, ['data']).action(async (id: string, options: Flags) => {
    dataOf(await doorFor(options, io).call('postern_alert_unmute', { id }))
  })
}

type SinkLine = {
  readonly name: string
  readonly waiting: number
  readonly failed_tries: number
  readonly lost: number
  readonly last_error: string | null
}

function testCommand(io: Io): Command {
  const command = newCommand('test', io).description('Sends a test alert to every sink and says whether it was taken.')
  return addSettingsFlags(command, ['data']).action(async (options: Flags) => {
    const door = doorFor(options, io)
    if ((await sinksOf(door)).length === 0)
      throw new Problem('no sink is set up', 'set alert_mail_to and smtp_host, alert_webhook_url or alert_syslog')
    dataOf(await door.call('postern_alert_test', {}))
    const deadline = performance.now() + TEST_WAIT_MS
    let sinks = await sinksOf(door)
    // Over when each sink has everything, or has failed at least once.
    while (sinks.some((sink) => sink.waiting > 0 && sink.failed_tries === 0) && performance.now() < deadline) {
      await pause(TEST_POLL_MS)
      sinks = await sinksOf(door)
    }
    await print(io.stdout, sinks.map(formatSink).join(''))
    io.exitCode = sinks.every(({ waiting }) => waiting === 0) ? 0 : 1
  })
}

async function sinksOf(door: Door): Promise<readonly SinkLine[]> {
  return (dataOf(await door.call('postern_alert_sinks', {})) as { readonly sinks: readonly SinkLine[] }).sinks
}

/** One line a sink: what became of what there was for it. */
export function formatSink({ name, waiting, lost, last_error: error }: SinkLine): string {
  const state = waiting === 0 ? 'everything was taken' : `${waiting} wait`
  const more = [lost > 0 ? `${lost} were given up` : '', error === null ? '' : onOneLine(error)]
  return `${[`${name}: ${state}`, ...more.filter((part) => part !== '')].join('; ')}\n`
}

function doorFor(options: Flags, io: Io): Door {
  return localDoor(settingsFor(options, io).settings.data)
}

function momentIn(name: 'since' | 'until', value: string): string {
  const seconds = parseMoment(value, name === 'since' ? 'start' : 'end')
  if (seconds === undefined)
    throw new UsageProblem(`--${name} is not a time`, 'write 2026-12-31, 2026-12-31T18:30 or Unix seconds')
  return String(seconds)
}
