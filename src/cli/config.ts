import type { Command } from 'commander'
import { stringify } from 'smol-toml'
import { SETTINGS } from '../config/schema.ts'
import { type Flags, formatSource, type LoadedSettings, shownSetting } from '../config/settings.ts'
import { newCommand } from './command.ts'
import { type Io, onOneLine, print } from './io.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

/** `postern config`: the effective settings and where each came from. Needs no server. */
export function configCommand(io: Io): Command {
  const command = newCommand('config', io).description('Prints the effective settings with their sources.')
  return addSettingsFlags(command).action(async (flags: Flags) => {
    await print(io.stdout, formatSettings(settingsFor(flags, io)))
  })
}

/** A settings file that would give the same settings, each line with its source; passwords and keys in URLs are masked. */
export function formatSettings({ settings, sources }: Pick<LoadedSettings, 'settings' | 'sources'>): string {
  const lines = SETTINGS.map(({ name, fileName }) => {
    const value = shownSetting(settings, name)
    const shown = value === undefined ? `# ${fileName} is not set` : stringify({ [fileName]: value }).trim()
    return `${shown}  # ${onOneLine(formatSource(sources[name]))}\n`
  })
  return lines.join('')
}
