import type { Command } from 'commander'
import { Problem } from '../config/problem.ts'
import type { Flags } from '../config/settings.ts'
import { type CallArguments, callBody, parseArguments } from './arguments.ts'
import { newCommand, UsageProblem } from './command.ts'
import { type Io, print } from './io.ts'
import { callLocal, type LocalReply, parseReply, reasonIn } from './local-client.ts'
import { formatReply, parseOutput } from './output.ts'
import { addSettingsFlags, settingsFor } from './settings-flags.ts'
import { readText } from './standard-input.ts'

type Options = Flags & { readonly user?: string; readonly output: string; readonly input?: string }

/** `whmapi1`: any function of WHM API 1 on this machine, as root or as `--user`. Exit 0 only when the reply tells of success. */
export function whmapi1Command(io: Io): Command {
  const command = newCommand('whmapi1', io)
    .description('Calls a function of WHM API 1 on this machine, as root.')
    .argument('<FUNCTION>', 'for example listaccts; applist names them all')
    .argument('[KEY=VALUE...]', 'arguments; values are percent-decoded, “+” stays; repeat a key for a list')
    .option('--user <NAME>', 'act as this reseller')
    .option('--output <FORM>', 'yaml, json, jsonpretty or xml', 'yaml')
    .option('--input <FORM>', 'json: read the arguments as a JSON object from standard input (for passwords)')
  return addSettingsFlags(command, ['data']).action(async (name: string, words: string[], options: Options) => {
    const output = parseOutput(options.output)
    const body = callBody(await givenArguments(words, options.input, io), { 'api.version': 1 })
    const { settings } = settingsFor(options, io)
    const path = `/json-api/${encodeURIComponent(name)}`
    const answer = await callLocal(settings.data, { path, body, user: checkedUser(options.user) })
    const reply = answer.httpStatus === 200 ? replyOf(answer) : replyIn(answer, 'metadata')
    await print(io.stdout, formatReply(reply, output))
    io.exitCode = succeeded(reply) ? 0 : 1
  })
}

/** Arguments from the command line, or with `--input=json` from standard input alone. */
export async function givenArguments(
  words: readonly string[],
  input: string | undefined,
  io: Io,
): Promise<{ arguments: CallArguments } | { json: string }> {
  if (input === undefined) return { arguments: parseArguments(words) }
  if (input !== 'json') throw new UsageProblem('the input form is not known', 'only --input=json is')
  if (words.length > 0) throw new UsageProblem('with --input=json all arguments come from standard input')
  return { json: await readText(io.stdin) }
}

/** A name that fits into one header line; anything else is no user's name. */
export function checkedUser(name: string | undefined): string | undefined {
  if (name === undefined || /^[\x21-\x7e]{1,64}$/.test(name)) return name
  throw new UsageProblem('--user is not a user name')
}

type Reply = Readonly<Record<string, unknown>>

/** The reply as an object that holds `key`. A reply without it means that the call did not run, and nothing is printed for it. */
export function replyIn(answer: LocalReply, key: string): Reply {
  const reply = parseReply(answer.body)
  if (reply !== undefined && Object.hasOwn(reply, key)) return reply
  throw unreadable(answer)
}

function replyOf(answer: LocalReply): Reply {
  const reply = parseReply(answer.body)
  if (reply === undefined) throw unreadable(answer)
  return reply
}

function unreadable({ body, httpStatus }: LocalReply): Problem {
  return new Problem(reasonIn(body) ?? `the server's answer cannot be read (HTTP ${httpStatus})`)
}

/** By `metadata.result`. Replies of `loadavg`, of `cpanel` and of the version 0 have none: they fail where they hold an error or a status 0. */
function succeeded(reply: Reply): boolean {
  const metadata = reply.metadata as { result?: unknown } | null | undefined // Only compared with 1.
  if (metadata !== undefined) return Number(metadata?.result) === 1
  const outcomes = [reply, reply.cpanelresult, reply.result, reply.passwd].flat()
  return !outcomes.some((outcome) => {
    if (typeof outcome !== 'object' || outcome === null) return false
    return 'error' in outcome || ('status' in outcome && Number(outcome.status) === 0)
  })
}
