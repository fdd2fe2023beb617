/** The settings file: TOML, flat, known names only. One file is read, never several on top of each other. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { SettingsError } from './problem.ts'
import { SETTINGS } from './schema.ts'

export type SettingsFile = {
  readonly path: string
  /** What relative paths in it are relative to. */
  readonly folder: string
  /** By the names used in the file. */
  readonly values: Readonly<Record<string, unknown>>
  readonly isReadableByAll: boolean
}

/** Reads the named file, which must exist, or else `postern.toml` in the data folder if there is one. */
export function findSettingsFile(from: { named: string | undefined; dataFolder: string }): SettingsFile | undefined {
  if (from.named !== undefined) {
    const file = readSettingsFile(resolve(from.named))
    if (file === undefined)
      throw new SettingsError(
        `there is no settings file ${resolve(from.named)}`,
        'check the path given by --config or POSTERN_CONFIG',
      )
    return file
  }
  const file = readSettingsFile(join(from.dataFolder, 'postern.toml'))
  if (file !== undefined && Object.hasOwn(file.values, 'data')) {
    throw new SettingsError(
      `${file.path} lies in the data folder and cannot say where that is`,
      'remove “data” from it, or name the file with --config',
    )
  }
  return file
}

function readSettingsFile(path: string): SettingsFile | undefined {
  const read = readText(path)
  if (read === undefined) return undefined
  const values = parseToml(read.text, path)
  const known = SETTINGS.map(({ fileName }) => fileName)
  const unknown = Object.keys(values).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new SettingsError(
      `${path} holds “${unknown.slice(0, 100)}”, which is not a setting`,
      `known are ${known.join(', ')}`,
    )
  }
  return { path, folder: dirname(path), values, isReadableByAll: (read.mode & 0o004) !== 0 }
}

function readText(path: string): { text: string; mode: number } | undefined {
  try {
    const file = openSync(path, 'r')
    try {
      return { text: readFileSync(file, 'utf8'), mode: fstatSync(file).mode }
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code // node:fs throws nothing but these
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new SettingsError(`the settings file ${path} cannot be read (${code})`, 'check its permissions', { cause })
  }
}

/** The parser's own message quotes the line, which may hold the database's password: only the place and the kind are passed on. */
function parseToml(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const problem = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '') ?? 'not TOML'
    throw new SettingsError(
      `${path}, line ${error.line}, column ${error.column}: ${problem}`,
      'the file is TOML: name = value, texts in quotes, lists in [ ]',
    )
  }
}
