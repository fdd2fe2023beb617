/**
 * A change and its audit entry are one transaction. The caller is admitted before it, so that nobody without the right costs a
 * transaction, and again inside; what the change did beside the database is taken back when it is not committed.
 */
import type { Caller } from '../acl/caller.ts'
import { Failure } from '../failures.ts'
import type { HostTask } from '../hosting/host.ts'
import type { Params } from '../whm/params.ts'
import type { Outcome } from '../whm/reply.ts'
import { clashesOf, type Details, entryOf } from './call-entry.ts'
import type { Stores, WriteContext } from './context.ts'
import type { WriteRun } from './define.ts'
import type { CallRequest, Door } from './door.ts'
import { type Definition, readArguments } from './read-arguments.ts'
import { Reading } from './reading.ts'
import { assertNoStraySecret } from './stray-secrets.ts'

/** `admit` throws unless the caller, as the stores know them, may; it gives what `run` sees beside what every function sees. */
export async function change<More extends object>(
  door: Door,
  caller: Caller,
  request: CallRequest,
  definition: Definition & WriteRun<Params, unknown, More>,
  admit: (stores: Stores, caller: Caller) => More | Promise<More>,
): Promise<Outcome> {
  const before = await admit(door.stores, caller)
  const values = readArguments(definition, request)
  const prepared = await definition.prepare?.(Object.assign(new Reading(door, caller, request), before), values)
  const undo: (() => Promise<void>)[] = []
  const tasks: { readonly id: number; readonly task: HostTask }[] = []
  const committed: (() => void | Promise<void>)[] = []
  try {
    await door.services.catchUpTrail()
    const outcome = await door.write(
      async (stores) => {
        tasks.length = 0
        committed.length = 0
        // The credential was checked before the transaction; it is checked again inside, so that check and act are one step.
        const fresh = await door.refresh(stores, caller, request.now)
        const more = await admit(stores, fresh)
        const details: Details = { ...request.notes, ...clashesOf(request) }
        const context: WriteContext & More = {
          ...more,
          caller: fresh,
          now: request.now,
          stores,
          services: door.services,
          catalogue: door.catalogue,
          note: (key, value) => {
            details[key] = value
          },
          afterCommit: async (task) => void tasks.push({ id: await stores.hostTasks.add(task, request.now), task }),
          onCommit: (step) => void committed.push(step),
          onRollback: (step) => void undo.push(step),
        }
        const result = await definition.run(context, values, prepared)
        assertNoStraySecret(definition.params, request.args)
        await stores.audit.append([
          entryOf(fresh, request, definition.audit(values), 'done', result.reason ?? 'OK', details),
        ])
        return result
      },
      { urgent: definition.urgent === true },
    )
    for (const step of committed) await step()
    const warnings = await door.runHostTasks(tasks)
    return warnings.length === 0 ? outcome : { ...outcome, warnings: [...(outcome.warnings ?? []), ...warnings] }
  } catch (error) {
    // Whether an unknown commit happened is found out at the next start; until then nothing is taken back.
    const isUnknown = error instanceof Failure && error.code === 'commit-unknown'
    if (!isUnknown) for (const step of undo.reverse()) await step()
    throw error
  }
}
