/**
 * What the commands do on a data folder that no server has open: the same door, under the same lock, without a listener. `restoreInto`
 * fills an empty folder, `examine` looks at one.
 */
import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../config/schema.ts'
import { Failure } from '../failures.ts'
import { call } from '../functions/call.ts'
import { openDataFolder, StartRefusal } from '../storage/data-folder.ts'
import { openStorage } from '../storage/database.ts'
import { readDump } from '../storage/restore.ts'
import { storesOn } from '../storage/stores.ts'
import type { Arguments } from '../whm/arguments.ts'
import { failureBody, successBody } from '../whm/reply.ts'
import { localCaller } from './authenticate.ts'
import { writeBackup } from './backup.ts'
import { makeEventLog } from './event-log.ts'
import { openRuntime, type Runtime } from './runtime.ts'

export { examine, type Finding } from './examine.ts'

export type OfflineDoor = {
  call(
    functionName: string,
    args: Readonly<Record<string, string | readonly string[]>>,
  ): Promise<{ readonly httpStatus: number; readonly body: string }>
  backup(sink: NodeJS.WritableStream): Promise<void>
}

/** Opens the folder, lets `work` act as root on the machine, and closes it again. Refuses a folder that was never set up. */
export async function withOfflineServer<T>(settings: Settings, work: (door: OfflineDoor) => Promise<T>): Promise<T> {
  const runtime = await openRuntime({ settings, log: makeEventLog(), mustBeSetUp: true })
  try {
    return await work({
      call: (functionName, args) => callAsRoot(runtime, functionName, args),
      backup: (sink) => writeBackup(runtime, sink),
    })
  } finally {
    await runtime.close()
  }
}

async function callAsRoot(
  runtime: Runtime,
  functionName: string,
  given: Readonly<Record<string, string | readonly string[]>>,
): Promise<{ readonly httpStatus: number; readonly body: string }> {
  const caller = await localCaller(runtime.stores.accounts, 'root')
  const definition = runtime.door.byName.get(functionName)
  if (caller === undefined || definition === undefined) throw new Error(`no root, or no function ${functionName}`)
  const values = new Map(
    Object.entries(given).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
  )
  const args: Arguments = { values, unreadable: new Map(), clashes: [] }
  try {
    const request = { functionName, args, requestId: randomUUID(), now: runtime.clock.now(), notes: {} }
    return { httpStatus: 200, body: successBody(1, definition, await call(runtime.door, caller, request)) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { httpStatus: error.http, body: failureBody(1, definition, error.message) }
  }
}

/**
 * Fills an empty data folder from a backup. The pepper is not part of a backup, so the file with it is copied in first. Tokens come
 * back paused, sessions do not come back. Throws `StartRefusal`; then the folder is as empty as it was.
 */
export async function restoreInto(
  settings: Settings,
  file: string,
  pepperFile: string | undefined,
): Promise<{ readonly tokensPaused: number; readonly rows: number }> {
  process.umask(0o077)
  await placePepper(settings.data, pepperFile)
  const folder = await openDataFolder(settings.data)
  try {
    const storage = await openStorage({ url: settings.database, folder: folder.path })
    try {
      if (!(await folder.isFirstStart(storage)))
        throw new StartRefusal(`${settings.data} was set up before.`, 'Restore into a new, empty data folder.')
      const now = new Date()
      const restored = await readDump(file, storage, {
        pepper: folder.pepper,
        now,
        beforeCommit: async (trx, { pausedTokens }) => storesOn(trx).audit.append([restoredEntry(now, pausedTokens)]),
      })
      await folder.finishSetUp(storage)
      const rows = Object.values(restored.counts).reduce((sum, count) => sum + count, 0)
      return { tokensPaused: restored.pausedTokens, rows }
    } finally {
      await storage.close()
    }
  } finally {
    await folder.close()
  }
}

async function placePepper(data: string, pepperFile: string | undefined): Promise<void> {
  const place = join(data, 'pepper')
  const isThere = await stat(place).then(
    () => true,
    () => false,
  )
  if (isThere) return
  if (pepperFile === undefined) {
    throw new StartRefusal(
      'A backup holds no pepper, and without the one that the tokens were made with none of them would work.',
      'Name it with --pepper-file: it is the file “pepper” of the data folder that the backup was made from.',
    )
  }
  await mkdir(data, { recursive: true, mode: 0o700 })
  await copyFile(pepperFile, place).catch((error: unknown) => {
    throw new StartRefusal(`The pepper file ${pepperFile} cannot be copied.`, 'Name a file that this user can read.', {
      cause: error,
    })
  })
}

function restoredEntry(at: Date, tokensPaused: number) {
  return {
    at,
    requestId: '',
    caller: 'root',
    credential: 'local',
    tokenId: undefined,
    tokenName: undefined,
    address: undefined,
    function: 'restore',
    target: '',
    outcome: 'done',
    reason: 'restored',
    details: { tokens_paused: tokensPaused },
  } as const
}
