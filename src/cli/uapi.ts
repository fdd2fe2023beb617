import type { Command } from 'commander'
import type { Flags } from '../config/settings.ts'
import { callBody } from './arguments.ts'
import { newCommand } from './command.ts'
import { type Io, print } from './io.ts'
import { callLocal } from './local-client.ts'
import { formatReply, parseOutput } from './output.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'
import { checkedUser, givenArguments, replyIn } from './whmapi1.ts'

type Options = Flags & { readonly user: string; readonly output: string; readonly input?: string }

/** `uapi`: a UAPI function as an account. Prints the wrapped form (WHM, "Introduction to UAPI"); exit 0 only when `status` is 1. */
export function uapiCommand(io: Io): Command {
  const command = newCommand('uapi', io)
    .description('Calls a UAPI function on this machine as an account.')
    .argument('<MODULE>', 'for example Email')
    .argument('<FUNCTION>', 'for example list_pops')
    .argument('[KEY=VALUE...]', 'arguments; values are percent-decoded, “+” stays; repeat a key for a list')
    .requiredOption('--user <NAME>', 'the account')
    .option('--output <FORM>', 'yaml, json, jsonpretty or xml', 'yaml')
    .option('--input <FORM>', 'json: read the arguments as a JSON object from standard input (for passwords)')
  return addSettingsFlags(command, ['data']).action(
    async (module: string, name: string, words: string[], options: Options) => {
      const output = parseOutput(options.output)
      const body = callBody(await givenArguments(words, options.input, io), {})
      const { settings } = settingsFor(options, io)
      const path = `/execute/${encodeURIComponent(module)}/${encodeURIComponent(name)}`
      const answer = await callLocal(settings.data, { path, body, user: checkedUser(options.user) })
      const result = replyIn(answer, 'status')
      await print(io.stdout, formatReply({ apiversion: 3, func: name, module, result }, output))
      io.exitCode = Number(result.status) === 1 ? 0 : 1
    },
  )
}
