import { resolve } from 'node:path'
import type { Command } from 'commander'
import { SETTINGS, type SettingName } from '../config/schema.ts'
import { type Flags, type LoadedSettings, loadSettings } from '../config/settings.ts'
import { type Io, onOneLine } from './io.ts'

/** The package's own folder, where `data` lies unless a setting says otherwise. */
export const PACKAGE_ROOT = resolve(import.meta.dirname, '../..')

/** Adds a flag for each setting, or for the named ones, and `--config`. */
export function addSettingsFlags(command: Command, names?: readonly SettingName[]): Command {
  for (const { name, flag, value, doc } of SETTINGS) {
    if (names === undefined || names.includes(name)) command.option(`${flag} <${value}>`, doc)
  }
  return command.option(
    '--config <FILE>',
    'The settings file. Without it postern.toml in the data folder, if there is one.',
  )
}

/** Loads the settings for a command and shows what should be changed. */
export function settingsFor(flags: Flags, io: Io): LoadedSettings {
  const loaded = loadSettings({ flags, env: io.env, packageRoot: PACKAGE_ROOT })
  for (const warning of loaded.warnings) io.stderr.write(`postern: warning: ${onOneLine(warning)}\n`)
  return loaded
}
