/**
 * Calls within a call: what `batch` and the ways from WHM into accounts run. Each passes the door by itself, so that its privilege,
 * its arguments and its entry in the trail are its own. What one request may start in this way is bounded.
 */
import type { Caller } from '../acl/caller.ts'
import { Failure } from '../failures.ts'
import type { Arguments } from '../whm/arguments.ts'
import { readOutputControls } from '../whm/output-controls.ts'
import {
  type Api2Result,
  type Outcome,
  type UapiResult,
  uapiFailure,
  type WhmReply,
  whmFailure,
  whmSuccess,
} from '../whm/reply.ts'
import type { InnerCalls } from './context.ts'
import type { CallRequest, Door, UapiRequest } from './door.ts'
import { shapeUapi, shapeWhm } from './shape.ts'

const MAX_CALLS = 1_000
/** Of all replies as JSON. They wait in memory for the last one, so a list repeated a thousand times must not fill it. */
const MAX_CHARACTERS = 64 * 1024 * 1024
/** Before the server gives up waiting for the request: what was not begun by then is not run at all. */
const MAX_MS = 25_000

export type RunInner = {
  whm(caller: Caller, request: CallRequest): Outcome | Promise<Outcome>
  uapi(caller: Caller, request: UapiRequest): Promise<Outcome>
  api2(caller: Caller, request: UapiRequest): Promise<Outcome>
}

/** The calls that the function `name` may make for a request. Throws `nested-calls` where it stands within itself. */
export function innerCalls(
  door: Pick<Door, 'byName' | 'uapi' | 'api2' | 'usedInnerFunction' | 'refresh' | 'stores'>,
  caller: Caller,
  name: string,
  outer: CallRequest,
  run: RunInner,
): InnerCalls {
  if (outer.within?.names.includes(name)) throw new Failure('nested-calls', { function: name })
  const names = [...(outer.within?.names ?? []), name]
  const budget = outer.within?.budget ?? {
    calls: MAX_CALLS,
    characters: MAX_CHARACTERS,
    endMs: performance.now() + MAX_MS,
  }
  const { requestId, now } = outer
  /** Who calls is looked at again each time: what ended or was narrowed meanwhile begins nothing more. */
  const begin = async (args: Arguments) => {
    if (budget.calls === 0) throw new Failure('too-many-calls', { max: MAX_CALLS })
    if (budget.characters <= 0) throw new Failure('replies-too-long')
    if (performance.now() > budget.endMs) throw new Failure('timed-out')
    budget.calls -= 1
    const notes = { ...outer.notes, within: names.join(' ') }
    return {
      caller: await door.refresh(door.stores, caller, now),
      request: { args, requestId, now, notes, within: { names, budget } },
    }
  }
  return {
    args: outer.args,
    async whm(functionName, args): Promise<WhmReply> {
      return answered(
        async () => {
          // Read before the call: a bad control must not spoil the reply of a change that was made.
          const controls = readOutputControls(args)
          const call = await begin(args)
          if (door.byName.has(functionName)) door.usedInnerFunction(caller, functionName)
          const outcome = await run.whm(call.caller, { ...call.request, functionName })
          const definition = door.byName.get(functionName)
          if (definition === undefined) throw new Error('a function answered that is not in the catalogue')
          const reply = whmSuccess(functionName, shapeWhm(definition, controls, outcome))
          budget.characters -= JSON.stringify(reply).length
          return reply
        },
        (reason) => whmFailure(functionName, reason),
      )
    },
    uapi(asked, account, args): Promise<UapiResult> {
      const called = `${asked.module}::${asked.function}`
      const work = (): Promise<UapiResult> =>
        shapeUapi(args, async () => {
          const call = await begin(args)
          if (door.uapi.byName.has(called)) door.usedInnerFunction(caller, called)
          return run.uapi(call.caller, { ...call.request, asked, account })
        })
      return answered(work, uapiFailure)
    },
    api2(asked, account, args): Promise<Api2Result> {
      const work = async (): Promise<Api2Result> => {
        const call = await begin(args)
        const { data } = await run.api2(call.caller, { ...call.request, asked, account })
        return { data: data ?? [] }
      }
      const failedData = door.api2.byName.get(`${asked.module}::${asked.function}`)?.failedData
      return answered(work, (error) => ({ error, data: failedData?.(error) ?? [] }))
    },
  }
}

/** A failure answers for one call; a credential that ended in between, or a bug, ends them all. */
async function answered<T>(work: () => Promise<T>, asReply: (reason: string) => T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'access-denied') throw error
    return asReply(error.message)
  }
}
