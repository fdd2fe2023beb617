/**
 * Carries out what committed changes ask of the machine, one task at a time and each once: a removal or a renaming that ran a second
 * time beside, or after, what came later could meet the folder of another account.
 */
import type { HostTask } from '../hosting/host.ts'
import type { Storage } from '../storage/database.ts'
import { hostTaskStoreOn } from '../storage/other-stores.ts'
import type { EventLog } from './event-log.ts'

type Listed = { readonly id: number; readonly task: HostTask }

/** `work` does one task, as often as it is asked. What fails stays listed and is tried again; the caller is told in a warning. */
export function makeHostWork(work: (task: HostTask) => Promise<void>, storage: Storage, log: EventLog) {
  const carriedOut = new Set<number>()
  let last: Promise<unknown> = Promise.resolve()
  const carryOut = async ({ id, task }: Listed): Promise<void> => {
    if (!carriedOut.has(id)) await work(task)
    carriedOut.add(id)
    await storage.writeUsage((trx) => hostTaskStoreOn(trx).remove(id))
  }
  const runAll = async (tasks: readonly Listed[]): Promise<readonly string[]> => {
    const warnings: string[] = []
    for (const listed of tasks) {
      try {
        await carryOut(listed)
      } catch (error) {
        const { kind } = listed.task
        log.warn({ error, task: kind }, 'work on the machine failed; it will be tried again')
        warnings.push(`The change is saved, but the machine has not carried out “${kind}” yet; it will be tried again.`)
      }
    }
    return warnings
  }
  const run = (tasks: readonly Listed[]): Promise<readonly string[]> => {
    const done = last.then(() => runAll(tasks))
    last = done
    return done
  }
  return {
    run,
    /** Whatever is listed: after a start, and now and then. Gives the number that is left. */
    async retry(): Promise<number> {
      return (await run(await hostTaskStoreOn(storage.read).list())).length
    },
  }
}
