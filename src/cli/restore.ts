import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Problem } from '../config/problem.ts'
import type { Flags } from '../config/settings.ts'
import { newCommand } from './command.ts'
import { type Io, print } from './io.ts'
import { serverRuns } from './local-client.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

type Options = Flags & { readonly pepperFile?: string }

/** `postern restore FILE`: into an empty data folder only; every token comes back paused unless the trail proves it alive. */
export function restoreCommand(io: Io): Command {
  const command = newCommand('restore', io)
    .description('Restores a backup into an empty data folder. Tokens come back paused, for you to decide about.')
    .argument('<FILE>', 'what postern backup wrote')
    .option('--pepper-file <FILE>', 'the pepper that the tokens in the backup were made with')
  return addSettingsFlags(command).action(async (file: string, { pepperFile, ...flags }: Options) => {
    const { settings } = settingsFor(flags, io)
    if (await serverRuns(settings.data)) {
      throw new Problem(
        `a server runs on ${settings.data}`,
        'restore into an empty data folder, then start a server on it',
      )
    }
    const { restoreInto } = await import('../server/offline.ts')
    const pepper = pepperFile === undefined ? undefined : resolve(pepperFile)
    const { rows, tokensPaused } = await restoreInto(settings, resolve(file), pepper)
    await print(
      io.stdout,
      `Restored ${rows} rows into ${settings.data}.\n${tokensPaused} tokens are paused until you decide about each.\n`,
    )
  })
}
