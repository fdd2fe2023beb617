import { Failure } from '../../failures.ts'
import { decodeForm } from '../../whm/arguments.ts'
import { flag, list, optional, text } from '../../whm/params.ts'
import type { WhmReply } from '../../whm/reply.ts'
import { whmFailure } from '../../whm/reply.ts'
import type { InnerCalls } from '../context.ts'
import { defineThrough } from '../define.ts'

const MAX_COMMANDS = 1_000
const NAME = /^[A-Za-z0-9_]{1,100}$/

/**
 * Each command passes the door by itself, so what the caller may not do fails there and nowhere else. They run one after the other, and
 * what was done stays: a batch is no transaction. `metadata` tells of the batch: 0 only where it was broken off (WHM is silent).
 */
export const batch = defineThrough({
  name: 'batch',
  group: 'Several calls at once',
  summary: 'Run several functions one after the other, each by its own privilege.',
  source: 'WHM API 1, "batch"',
  acl: false,
  params: {
    // Secret, since a command may hold a password: it is never quoted.
    command: list(
      text({
        doc: '`FUNCTION?ARGUMENT=VALUE&…`, with its values URI-encoded, and then encoded again as a whole.',
        min: 1,
        secret: true,
      }),
      {
        max: MAX_COMMANDS,
        keepsDoubles: true,
      },
    ),
    abort_on_error: optional(flag({ doc: '1: stop at the first command that fails.' })),
  },
  failures: ['nested-calls', 'too-many-calls', 'replies-too-long'],
  v0: 'none',
  async run({ inner }, { command: commands, abort_on_error }) {
    const result: WhmReply[] = []
    for (const [place, command] of commands.entries()) {
      const reply = await runCommand(inner, command)
      result.push(reply)
      if (reply.metadata.result === 1 || abort_on_error !== true) continue
      const reason = `The batch was broken off at command ${place + 1}: ${reply.metadata.reason}`
      return { data: { result }, isFailure: true, keepsData: true, reason }
    }
    return { data: { result } }
  },
})

async function runCommand(inner: InnerCalls, command: string): Promise<WhmReply> {
  const mark = command.indexOf('?')
  const name = mark === -1 ? command : command.slice(0, mark)
  if (!NAME.test(name)) return whmFailure('', new Failure('unknown-function', { function: '(not shown)' }).message)
  try {
    return await inner.whm(name, decodeForm(mark === -1 ? '' : command.slice(mark + 1)))
  } catch (error) {
    if (error instanceof Failure && error.code === 'request-malformed') return whmFailure(name, error.message)
    throw error
  }
}
