import { Failure } from '../../../failures.ts'
import type { Arguments } from '../../../whm/arguments.ts'
import { decodeJsonCall } from '../../../whm/json-body.ts'
import { list, text } from '../../../whm/params.ts'
import type { UapiResult } from '../../../whm/reply.ts'
import { defineUapiThrough } from '../define.ts'

const MAX_COMMANDS = 1_000

/** Each command passes the door by itself. It stops at the first that fails; what was done before stays, and `data` tells of all that ran. */
export const batchStrict = defineUapiThrough({
  module: 'Batch',
  function: 'strict',
  summary: 'Run several functions one after the other, until one fails.',
  source: 'UAPI, "Batch::strict"',
  feature: false,
  params: {
    // Secret, since a command may hold a password: it is never quoted.
    command: list(
      text({
        doc: 'A JSON array: `["Module","function",{"argument":"value"}]`. Repeated for each.',
        min: 1,
        secret: true,
      }),
      { max: MAX_COMMANDS, keepsDoubles: true },
    ),
  },
  failures: ['nested-calls', 'too-many-calls'],
  async run({ inner, named }, { command: commands }) {
    // All are read before the first is run: what cannot be read is a mistake in the whole.
    const calls = commands.map(readCommand)
    const data: UapiResult[] = []
    for (const [place, call] of calls.entries()) {
      const result = await inner.uapi(call.asked, named, call.args)
      data.push(result)
      if (result.status === 1) continue
      const reason = `Command ${place + 1} failed: ${result.errors?.join(' ')}`
      return { data, isFailure: true, keepsData: true, reason }
    }
    return { data }
  },
})

function readCommand(command: string): {
  readonly asked: { module: string; function: string }
  readonly args: Arguments
} {
  const { words, values, unreadable } = decoded(command)
  const [module, name, ...more] = words
  if (module === undefined || name === undefined || more.length > 0) throw notACommand()
  return { asked: { module, function: name }, args: { values, unreadable, clashes: [] } }
}

function decoded(command: string): ReturnType<typeof decodeJsonCall> {
  try {
    return decodeJsonCall(command)
  } catch (error) {
    if (error instanceof Failure && error.code === 'request-malformed') throw notACommand()
    throw error
  }
}

function notACommand(): Failure {
  return new Failure('argument-invalid', {
    argument: 'command',
    value: '(not shown)',
    problem: 'is not a JSON array of a module, a function and an object of arguments',
  })
}
