import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { alertCommand } from './alert.ts'
import { auditCommand } from './audit.ts'
import { backupCommand } from './backup.ts'
import { backupAccountCommand } from './backup-account.ts'
import { newCommand } from './command.ts'
import { configCommand } from './config.ts'
import { doctorCommand } from './doctor.ts'
import { fail2banCommand } from './fail2ban.ts'
import type { Io } from './io.ts'
import { passwdCommand } from './passwd.ts'
import { reportCommand } from './report.ts'
import { restoreCommand } from './restore.ts'
import { serveCommand } from './serve.ts'
import { PACKAGE_ROOT } from './settings-flags.ts'
import { tokenCommand } from './token.ts'

/** `postern`: the commands for whoever runs the server. */
export function posternCommand(io: Io): Command {
  const postern = newCommand('postern', io)
    .description('A self-hosted API server for hosting machines, compatible with the API of WHM.')
    .version(`postern ${packageVersion()}`, '--version', 'Prints the version.')
  const commands = [
    serveCommand,
    passwdCommand,
    configCommand,
    backupCommand,
    backupAccountCommand,
    restoreCommand,
    doctorCommand,
    auditCommand,
    reportCommand,
    alertCommand,
    tokenCommand,
    fail2banCommand,
  ]
  for (const make of commands) postern.addCommand(make(io))
  return postern
}

function packageVersion(): string {
  const description = JSON.parse(readFileSync(`${PACKAGE_ROOT}/package.json`, 'utf8')) as { version: string } // Our own file.
  return description.version
}
