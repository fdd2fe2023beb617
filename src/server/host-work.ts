/**
 * Carries out what committed changes ask of the machine, one task at a time and each once: a removal or a renaming that ran a second
 * time beside, or after, what came later could meet the folder of another account. What goes to the database server has a line of its
 * own, so that a server that does not answer keeps no folder waiting.
 */
import { Failure } from '../failures.ts'
import { type HostTask, isMysqlTask } from '../hosting/host.ts'
import type { Storage } from '../storage/database.ts'
import { hostTaskStoreOn } from '../storage/other-stores.ts'
import type { EventLog } from './event-log.ts'

type Listed = { readonly id: number; readonly task: HostTask }

/** `work` does one task, as often as it is asked. What fails stays listed and is tried again; the caller is told in a warning. */
export function makeHostWork(work: (task: HostTask) => Promise<void>, storage: Storage, log: EventLog) {
  const carriedOut = new Set<number>()
  const carryOut = async ({ id, task }: Listed): Promise<void> => {
    if (!carriedOut.has(id)) await work(task)
    carriedOut.add(id)
    await storage.writeUsage((trx) => hostTaskStoreOn(trx).remove(id))
  }
  const runAll = async (tasks: readonly Listed[]): Promise<readonly string[]> => {
    const warnings: string[] = []
    let unreachable: unknown
    for (const listed of tasks) {
      try {
        // Each further one would wait for the same deadline.
        if (unreachable !== undefined) throw unreachable
        await carryOut(listed)
      } catch (error) {
        const { kind } = listed.task
        // It is said once for all of them.
        if (error !== unreachable) log.warn({ error, task: kind }, 'work on the machine failed; it will be tried again')
        if (error instanceof Failure && SAME_FOR_ALL.has(error.code)) unreachable = error
        warnings.push(`The change is saved, but the machine has not carried out “${kind}” yet; it will be tried again.`)
      }
    }
    return warnings
  }
  const [runOnMachine, runOnMysql] = [inLine(runAll), inLine(runAll)]
  const run = async (tasks: readonly Listed[]): Promise<readonly string[]> => {
    const forMysql = tasks.filter(({ task }) => isMysqlTask(task))
    const forMachine = tasks.filter(({ task }) => !isMysqlTask(task))
    const told = await Promise.all([runOnMachine(forMachine), runOnMysql(forMysql)])
    return told.flat()
  }
  return {
    run,
    /** Whatever is listed: after a start, and now and then. Gives the number that is left. */
    async retry(): Promise<number> {
      return (await run(await hostTaskStoreOn(storage.read).list())).length
    },
  }
}

/** Why no task of its line can be carried out. */
const SAME_FOR_ALL: ReadonlySet<string> = new Set(['mysql-unavailable', 'mysql-not-configured'])

/** Each call waits for the one before; one of nothing waits for none. The work must not throw. */
function inLine<A extends readonly unknown[], B>(
  work: (given: A) => Promise<readonly B[]>,
): (given: A) => Promise<readonly B[]> {
  let last: Promise<unknown> = Promise.resolve()
  return (given) => {
    if (given.length === 0) return Promise.resolve([])
    const done = last.then(() => work(given))
    last = done
    return done
  }
}
