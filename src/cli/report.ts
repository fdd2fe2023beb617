import type { Command } from 'commander'
import type { Flags } from '../config/settings.ts'
import { newCommand, UsageProblem } from './command.ts'
import { dataOf, withDoor } from './door.ts'
import { type Io, onOneLine, print } from './io.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'

type Options = Flags & { readonly owner?: string; readonly output: string }

/** What `postern_report` answers, as far as it is printed. */
type Report = {
  readonly tokens: number
  readonly findings: readonly {
    readonly title: string
    readonly advice: string
    readonly count: number
    readonly tokens: readonly {
      readonly postern_id: string
      readonly name: string
      readonly owner: string
      readonly postern_last_used: number | null
      readonly postern_last_used_from: string | null
      readonly privileges: readonly string[]
    }[]
  }[]
}

/** `postern report`: tokens to look at, grouped by what was found, through `postern_report`. */
export function reportCommand(io: Io): Command {
  const command = newCommand('report', io)
    .description('Prints tokens that nobody uses, that can do more than they need, or that nothing limits.')
    .option('--owner <NAME>', 'only tokens of this user')
    .option('--output <FORM>', 'text or json', 'text')
  return addSettingsFlags(command, ['data', 'database']).action(async (options: Options) => {
    if (options.output !== 'text' && options.output !== 'json')
      throw new UsageProblem('the output form is not known', 'choose text or json')
    const { settings } = settingsFor(options, io)
    const args = options.owner === undefined ? {} : { owner: options.owner }
    const data = await withDoor(settings, async (door) => dataOf(await door.call('postern_report', args)))
    // Our own function's answer.
    const report = data as Report
    await print(io.stdout, options.output === 'json' ? `${JSON.stringify(report)}\n` : formatReport(report))
  })
}

/** A paragraph a finding, a line a token; what was not found is left out. */
export function formatReport({ tokens, findings }: Report): string {
  const found = findings.filter(({ count }) => count > 0)
  const head =
    `${tokens === 1 ? '1 token' : `${tokens} tokens`}. ${found.length === 0 ? 'Nothing was found.' : ''}`.trim()
  const parts = found.map(({ title, advice, count, tokens: listed }) =>
    [`${title}: ${count}`, `  ${advice}`, ...listed.map((token) => `  ${lineOf(token)}`)].join('\n'),
  )
  return `${[head, ...parts].join('\n\n')}\n`
}

function lineOf(token: Report['findings'][number]['tokens'][number]): string {
  const used =
    token.postern_last_used === null
      ? 'never used'
      : `last used ${new Date(token.postern_last_used * 1000).toISOString()} from ${token.postern_last_used_from || 'the machine'}`
  const about = token.privileges.length === 0 ? '' : `: ${token.privileges.join(', ')}`
  return onOneLine(`${token.owner}  ${token.name}  ${token.postern_id}  ${used}${about}`)
}
