import type { Command } from 'commander'
import type { Flags } from '../config/settings.ts'
import { newCommand, UsageProblem } from './command.ts'
import { dataOf, localDoor } from './door.ts'
import { type Io, onOneLine, print } from './io.ts'
import { parseMoment } from './moment.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

const FILTERS = {
  caller: ['<NAME>', 'only entries of this caller'],
  token: ['<ID|NAME>', 'only entries of this token'],
  function: ['<NAME>', 'only calls of this function'],
  address: ['<ADDRESS>', 'only calls from this address'],
  outcome: ['<OUTCOME>', 'done, failed or refused'],
  since: ['<WHEN>', 'YYYY-MM-DD, a date and time, or Unix seconds'],
  until: ['<WHEN>', 'the same; a date alone means the end of that day'],
  limit: ['<NUMBER>', 'how many entries at most, the newest'],
} as const

type Filter = keyof typeof FILTERS
type Options = Flags & { readonly [name in Filter]?: string } & { readonly output: string }

/** `postern audit`: reads the trail through the running server (`postern_audit_list`), newest first. */
export function auditCommand(io: Io): Command {
  const command = newCommand('audit', io).description('Prints the audit trail, newest first.')
  for (const [name, [value, doc]] of Object.entries(FILTERS)) command.option(`--${name} ${value}`, doc)
  command.option('--output <FORM>', 'text or json', 'text')
  return addSettingsFlags(command, ['data']).action(async (options: Options) => {
    if (options.output !== 'text' && options.output !== 'json') {
      throw new UsageProblem('the output form is not known', 'choose text or json')
    }
    const args = auditArguments(options)
    const { settings } = settingsFor(options, io)
    const data = dataOf(await localDoor(settings.data).call('postern_audit_list', args))
    const entries = entriesIn(data)
    await print(
      io.stdout,
      options.output === 'json' ? `${JSON.stringify(entries)}\n` : entries.map(formatEntry).join(''),
    )
  })
}

/** The filters as `postern_audit_list` takes them; times in Unix seconds. */
export function auditArguments(options: { readonly [name in Filter]?: string }): Readonly<Record<string, string>> {
  const names = (Object.keys(FILTERS) as Filter[]).filter((name) => options[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, argument(name, options[name] ?? '')]))
}

function argument(name: Filter, value: string): string {
  if (name !== 'since' && name !== 'until') return value
  const seconds = parseMoment(value, name === 'since' ? 'start' : 'end')
  if (seconds === undefined)
    throw new UsageProblem(`--${name} is not a time`, 'write 2026-12-31, 2026-12-31T18:30 or Unix seconds')
  return String(seconds)
}

type Entry = Readonly<Record<string, unknown>>

/** WHM keeps a list under one named key, whatever its name. */
function entriesIn(data: unknown): readonly Entry[] {
  const lists = Object.values(data ?? {}).filter((value) => Array.isArray(value))
  return (lists[0] ?? []) as readonly Entry[] // Entries are objects; their fields are read as unknown.
}

/** One line an entry: time, outcome, caller, credential, address, function, target, reason; `-` for what is not known. */
export function formatEntry(entry: Entry): string {
  const shown = (name: string): string => {
    const value = entry[name]
    return value === null || value === undefined || value === '' ? '-' : onOneLine(String(value))
  }
  const token = entry.token_id ? `token:${shown('token_name')}(${shown('token_id')})` : shown('credential')
  const at = typeof entry.time === 'number' ? new Date(entry.time * 1000).toISOString() : shown('time')
  const words = [at, shown('outcome'), shown('caller'), token, shown('address'), shown('function'), shown('target')]
  return `${words.join(' ')} ${shown('reason')}\n`
}
