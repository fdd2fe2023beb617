import type { Command } from 'commander'
import type { Flags } from '../config/settings.ts'
import { askPassword } from './ask-password.ts'
import { newCommand } from './command.ts'
import { dataOf, withDoor } from './door.ts'
import { type Io, onOneLine, print } from './io.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

/** `postern passwd USER`: a new password for root, a reseller or an account, with or without a running server. */
export function passwdCommand(io: Io): Command {
  const command = newCommand('passwd', io)
    .description('Sets a password: asks for it, or reads one line from standard input.')
    .argument('<USER>', 'root, a reseller or an account')
  return addSettingsFlags(command).action(async (user: string, flags: Flags) => {
    const { settings } = settingsFor(flags, io)
    const password = await askPassword(onOneLine(user), io)
    await withDoor(settings, async (door) => dataOf(await door.call('passwd', { user, password })))
    await print(io.stdout, `The password of ${onOneLine(user)} is changed.\n`)
  })
}
