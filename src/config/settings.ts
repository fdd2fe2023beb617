/**
 * Where settings come from and which one counts: flag, then environment, then file, then default. A name that is not a setting
 * stops the start where it stands in the file or as a flag, which are Postern's alone. In the environment it is warned about: programs
 * that call Postern keep their own `POSTERN_…` variables there.
 */
import { resolve } from 'node:path'
import { Problem, SettingsError } from './problem.ts'
import { SETTINGS, type SettingDescription, type SettingName, type Settings, settingsSchema } from './schema.ts'
import { findSettingsFile, type SettingsFile } from './settings-file.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What stood on the command line: settings by their camelCase name, and `config`, the settings file. */
export type Flags = { readonly [name in SettingName | 'config']?: string | undefined }

/** Where a setting's value came from; `where` is the flag, the variable or the file's path. */
export type Source =
  | { readonly kind: 'flag' | 'environment' | 'file'; readonly where: string }
  | { readonly kind: 'default' }
export type Sources = { readonly [name in SettingName]: Source }

export type LoadedSettings = {
  readonly settings: Settings
  readonly sources: Sources
  /** What works but should be changed; shown at start. */
  readonly warnings: readonly string[]
}

export type SettingsInput = { readonly flags: Flags; readonly env: Environment; readonly packageRoot: string }

type Given = { readonly value: unknown; readonly source: Source }

const DEFAULT: Source = { kind: 'default' }

/** Throws a SettingsError that names the first setting which cannot be used. Reads at most one file and writes nothing. */
export function loadSettings({ flags, env, packageRoot }: SettingsInput): LoadedSettings {
  const dataFolder = resolve(flags.data ?? env.POSTERN_DATA ?? `${packageRoot}/data`)
  const file = findSettingsFile({ named: flags.config ?? env.POSTERN_CONFIG, dataFolder })
  const given = new Map<SettingName, Given>()
  for (const setting of SETTINGS) {
    const found = fromFlag(setting, flags) ?? fromEnvironment(setting, env) ?? fromFile(setting, file)
    if (found !== undefined) given.set(setting.name, found)
  }
  const settings = check(given, packageRoot)
  const sources = Object.fromEntries(SETTINGS.map(({ name }) => [name, given.get(name)?.source ?? DEFAULT]))
  return {
    settings,
    sources: sources as Sources,
    warnings: [...unknownVariables(env), ...databaseWarnings(settings, given, file)],
  }
}

function unknownVariables(env: Environment): readonly string[] {
  const known = new Set(['POSTERN_CONFIG', ...SETTINGS.map(({ variable }) => variable)])
  return Object.keys(env)
    .filter((name) => name.startsWith('POSTERN_') && !name.startsWith('POSTERN_TEST_') && !known.has(name))
    .map(
      (name) =>
        `the environment variable ${name} is not a setting and has no effect; “postern config” shows those that are`,
    )
}

function fromFlag(setting: SettingDescription, flags: Flags): Given | undefined {
  const value = flags[setting.name]
  return value === undefined ? undefined : fromText(setting, value, { kind: 'flag', where: setting.flag })
}

function fromEnvironment(setting: SettingDescription, env: Environment): Given | undefined {
  const value = env[setting.variable]
  return value === undefined ? undefined : fromText(setting, value, { kind: 'environment', where: setting.variable })
}

function fromText(setting: SettingDescription, value: string, source: Source): Given {
  if (setting.kind === 'number') return { value: /^\d{1,15}$/.test(value) ? Number(value) : value, source }
  if (setting.kind === 'list')
    return { value: value.trim() === '' ? [] : value.split(',').map((item) => item.trim()), source }
  return { value: isPath(setting) && value !== '' ? resolve(value) : value, source }
}

function fromFile(setting: SettingDescription, file: SettingsFile | undefined): Given | undefined {
  if (file === undefined || !Object.hasOwn(file.values, setting.fileName)) return undefined
  const value = file.values[setting.fileName]
  const isRelative = isPath(setting) && typeof value === 'string' && value !== ''
  return { value: isRelative ? resolve(file.folder, value) : value, source: { kind: 'file', where: file.path } }
}

const isPath = ({ name }: SettingDescription): boolean => name === 'data' || /(File|Folder)$/.test(name)

function check(given: ReadonlyMap<SettingName, Given>, packageRoot: string): Settings {
  const values = Object.fromEntries([...given].map(([name, { value }]) => [name, value]))
  const result = settingsSchema(packageRoot).safeParse(values)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const setting = SETTINGS.find(({ name }) => name === issue?.path[0])
  const found = setting === undefined ? undefined : given.get(setting.name)
  if (issue === undefined || setting === undefined || found === undefined)
    throw new Problem('the settings are not valid')
  throw new SettingsError(
    `the setting ${setting.fileName}${shownValue(setting, found.value, issue.path[1])} ${issue.message}`,
    `it comes from ${formatSource(found.source)}; ${setting.fileName}: ${setting.doc.replace(/\.$/, '')}`,
  )
}

/** Quotes the value that was refused, or the entry of a list. A URL may hold a password or a key and is never shown. */
function shownValue(setting: SettingDescription, value: unknown, entry: PropertyKey | undefined): string {
  if (setting.name in MASKS) return ''
  const one = Array.isArray(value) && typeof entry === 'number' ? value[entry] : value
  if (typeof one === 'object' || one === undefined) return ''
  return ` “${String(one).slice(0, 100)}”`
}

/** Names the place, as `postern config` and messages do. */
export function formatSource(source: Source): string {
  return source.kind === 'default' ? 'default' : `${source.kind} ${source.where}`
}

function databaseWarnings(
  settings: Settings,
  given: ReadonlyMap<SettingName, Given>,
  file: SettingsFile | undefined,
): readonly string[] {
  if (settings.database === undefined || maskDatabase(settings.database) === settings.database) return []
  const kind = given.get('database')?.source.kind
  if (kind === 'flag') {
    return [
      '--database holds a password, and every user of this machine can read it in the process list; use POSTERN_DATABASE or the settings file',
    ]
  }
  if (kind === 'file' && file?.isReadableByAll === true) {
    return [`${file.path} holds a password and is readable by every user of this machine; chmod 600 ${file.path}`]
  }
  return []
}

/** Settings whose values are not shown as they are. */
const MASKS: { readonly [name in SettingName]?: (value: string) => string } = {
  database: maskDatabase,
  alertWebhookUrl: maskWebhook,
}

/** The value of a setting, without what is secret in it. */
export function shownSetting(settings: Settings, name: SettingName): Settings[SettingName] {
  const value = settings[name]
  return typeof value === 'string' ? (MASKS[name]?.(value) ?? value) : value
}

/** The path of a webhook is often what lets one in. */
function maskWebhook(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}/***` : '***'
}

/** The URL with any password in it replaced, to be shown. */
export function maskDatabase(database: string): string {
  if (!URL.canParse(database)) return '***'
  const url = new URL(database)
  if (url.password !== '') url.password = '***'
  const secret = [...url.searchParams.keys()].filter((name) => /pass/i.test(name))
  for (const name of secret) url.searchParams.set(name, '***')
  // Left as it was written when there is nothing to hide, so that callers can tell by comparing.
  return url.password === '' && secret.length === 0 ? database : url.toString()
}
