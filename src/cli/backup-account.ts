import type { Command } from 'commander'
import type { Flags } from '../config/settings.ts'
import { newCommand } from './command.ts'
import { dataOf, withDoor } from './door.ts'
import { type Io, onOneLine, print } from './io.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

/** `postern backup-account NAME`: an archive of one account under `backups` in the data folder, with or without a running server. */
export function backupAccountCommand(io: Io): Command {
  const command = newCommand('backup-account', io)
    .description('Writes an archive of one account: its folder, and its record without passwords and tokens.')
    .argument('<NAME>', 'the account')
  return addSettingsFlags(command).action(async (user: string, flags: Flags) => {
    const { settings } = settingsFor(flags, io)
    const reply = await withDoor(settings, (door) => door.call('postern_backup_account', { user }))
    const { path } = dataOf(reply) as { path: string } // The function's own reply.
    await print(io.stdout, `The archive is in ${onOneLine(path)}.\n`)
  })
}
