import type { Command } from 'commander'
import type { Flags } from '../config/settings.ts'
import { newCommand } from './command.ts'
import type { Io } from './io.ts'
import { refuseNodeDiagnostics } from './node-diagnostics.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

/** `postern serve`: the server itself; it prints its ready line and handles signals. */
export function serveCommand(io: Io): Command {
  const command = newCommand('serve', io).description('Runs the server.')
  return addSettingsFlags(command).action(async (flags: Flags) => {
    refuseNodeDiagnostics(io.env, process.execArgv)
    const { settings } = settingsFor(flags, io)
    const { serve } = await import('../server/serve.ts')
    await serve(settings)
  })
}
