/**
 * What the commands do on a data folder that no server has open: the same door, under the same lock, without a listener. `restoreInto`
 * fills an empty folder, `examine` looks at one.
 */
import { randomUUID } from 'node:crypto'
import type { Settings } from '../config/schema.ts'
import { Failure } from '../failures.ts'
import { call } from '../functions/call.ts'
import type { Arguments } from '../whm/arguments.ts'
import { failureBody, successBody } from '../whm/reply.ts'
import { writeBackup } from './backup.ts'
import { localCaller } from './callers.ts'
import { makeEventLog } from './event-log.ts'
import { openRuntime, type Runtime } from './runtime.ts'

export { examine } from './examine.ts'
export { restoreInto } from './restore-into.ts'

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
