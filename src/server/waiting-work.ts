/** At the start: what a crash left undone on the machine, and what the machine has or lacks against the database. */
import { homesIn, isMysqlTask } from '../hosting/host.ts'
import type { EventLog } from './event-log.ts'
import type { Runtime } from './runtime.ts'

/** What cannot be brought in line now (a disk that is full or read-only) is logged: what needs no folder is served all the same. */
export async function carryOutWaitingWork(runtime: Runtime, log: EventLog): Promise<void> {
  const { door, stores, certificateFiles, mailFiles, zoneFiles } = runtime
  const tasks = await stores.hostTasks.list()
  // A database server that does not answer holds up no start.
  void door.runHostTasks(tasks.filter(({ task }) => isMysqlTask(task)))
  await door.runHostTasks(tasks.filter(({ task }) => !isMysqlTask(task)))
  // A folder that waits to be renamed would look like one of nobody; nothing else depends on what waits.
  const busy = new Set((await stores.hostTasks.list()).flatMap(({ task }) => homesIn(task)))
  const homes = (await stores.accounts.listAccounts(undefined)).map(({ home }) => home)
  await bringInLine('account folders', () => door.services.host.reconcile(homes, busy), log)
  await bringInLine('files of certificates', () => certificateFiles.reconcile(), log)
  await bringInLine('files of mail servers', () => mailFiles.reconcile((home) => busy.has(home)), log)
  await bringInLine('zone files', () => zoneFiles.reconcile(), log)
}

type Compared = { readonly made: readonly string[]; readonly putAside: readonly string[] }

async function bringInLine(what: string, reconcile: () => Promise<Compared>, log: EventLog): Promise<void> {
  try {
    const { made, putAside } = await reconcile()
    if (made.length > 0 || putAside.length > 0)
      log.warn(
        { made: made.length, putAside: putAside.length, names: [...putAside, ...made].slice(0, 20) },
        `${what} were brought in line with the database`,
      )
  } catch (error) {
    log.warn({ error }, `${what} could not be compared with the database; the next start tries again`)
  }
}
