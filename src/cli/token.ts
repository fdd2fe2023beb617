import type { Command } from 'commander'
import { Problem } from '../config/problem.ts'
import type { Flags } from '../config/settings.ts'
import { newCommand, UsageProblem } from './command.ts'
import { type Door, dataOf, localDoor } from './door.ts'
import { type Io, onOneLine, print } from './io.ts'
import { parseMoment } from './moment.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

type RotateOptions = Flags & {
  readonly owner?: string
  readonly ends?: string
  readonly key?: string
  readonly output: string
}

/** `postern token …`: work on API tokens through the running server, as root. */
export function tokenCommand(io: Io): Command {
  return newCommand('token', io).description('Gives API tokens new secrets.').addCommand(rotateCommand(io))
}

/** The secret alone goes to standard output, once, so that a script can take it from there; what becomes of the one before goes to the other. */
function rotateCommand(io: Io): Command {
  const command = newCommand('rotate', io)
    .description('Gives an API token a new secret and prints it; id, name and settings stay.')
    .argument('<TOKEN>', 'its name, or its public id')
    .option('--owner <NAME>', 'whose token it is, where several users have one of that name')
    .option(
      '--ends <WHEN>',
      'when the secret of now ends: now, first-use (of the new one) or a date; in a day without it',
    )
    .option('--key <TEXT>', 'any text, new for each rotation: with it the command may be repeated until it succeeds')
    .option('--output <FORM>', 'text or json', 'text')
  return addSettingsFlags(command, ['data']).action(async (token: string, options: RotateOptions) => {
    if (options.output !== 'text' && options.output !== 'json')
      throw new UsageProblem('the output form is not known', 'choose text or json')
    const ends = options.ends === undefined ? {} : endOf(options.ends)
    const door = localDoor(settingsFor(options, io).settings.data)
    const id = await idOf(door, token, options.owner)
    const args = { token_id: id, ...ends, ...(options.key !== undefined && { key: options.key }) }
    const rotated = dataOf(await door.call('postern_token_rotate', args)) as Rotated // Our own function's answer.
    if (options.output === 'json') return print(io.stdout, `${JSON.stringify(rotated)}\n`)
    await print(io.stdout, `${rotated.token}\n`)
    await print(io.stderr, `${formatRotated(rotated)}\n`)
  })
}

/** What `postern_token_rotate` answers, as far as it is printed. */
type Rotated = {
  readonly token: string
  readonly name: string
  readonly postern_id: string
  readonly old_secret_ends_at: number | null
  readonly old_secret_ends_with_first_use: number
  readonly old_secret_ended: number
}

/** One line that says what becomes of the secret before; never a secret. */
export function formatRotated(rotated: Rotated): string {
  const { name, postern_id: id, old_secret_ends_at: endsAt } = rotated
  const firstUse = rotated.old_secret_ends_with_first_use === 1 ? 'ends when the new one is first used' : undefined
  const end = endsAt === null ? firstUse : `works until ${new Date(endsAt * 1000).toISOString()}`
  return onOneLine(
    `${name} (${id}): the secret before ${rotated.old_secret_ended === 1 ? 'has ended' : (end ?? 'works on')}.`,
  )
}

function endOf(text: string): Readonly<Record<string, string>> {
  if (text === 'now') return { overlap: '0' }
  if (text === 'first-use') return { overlap: 'first-use' }
  const seconds = parseMoment(text, 'end')
  if (seconds === undefined)
    throw new UsageProblem('--ends is not a time', 'write now, first-use, 2026-12-31, 2026-12-31T18:30 or Unix seconds')
  return { ends_at: String(seconds) }
}

type Listed = {
  readonly postern_id: string
  readonly name: string
  readonly owner: string
  readonly postern_service: string
}

/** The token of that public id, or the only one of that name. */
async function idOf(door: Door, token: string, owner: string | undefined): Promise<string> {
  const args = { short: '1', ...(owner !== undefined && { owner }) }
  const { tokens } = dataOf(await door.call('postern_token_list', args)) as { readonly tokens: readonly Listed[] } // Our own function's answer.
  const found = tokens.filter(({ postern_id: id }) => id === token)
  const named = found.length > 0 ? found : tokens.filter(({ name }) => name === token)
  const [one, ...others] = named
  if (one === undefined)
    throw new Problem(
      `there is no token ${onOneLine(token)}`,
      'give its name or its public id, as postern_token_list shows it',
    )
  if (others.length > 0) {
    const which = named.map((each) => `${each.postern_id} (${each.owner}, ${each.postern_service})`)
    throw new Problem(
      `several tokens are named ${onOneLine(token)}`,
      onOneLine(`give --owner or one of: ${which.join(', ')}`),
    )
  }
  return one.postern_id
}
