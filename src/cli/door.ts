import { Problem } from '../config/problem.ts'
import type { Settings } from '../config/schema.ts'
import { backupLocal, callLocal, type LocalReply, parseReply, reasonIn, serverRuns } from './local-client.ts'

/** What a command needs of a server, whether it runs or is opened for this command alone. */
export type Door = {
  call(functionName: string, args: Readonly<Record<string, string | readonly string[]>>): Promise<LocalReply>
  backup(sink: NodeJS.WritableStream): Promise<void>
}

/**
 * Works through the running server; without one it opens the data folder itself, under its lock. Two processes never write to one
 * folder: a second writer would not see the first one's caches.
 */
export async function withDoor<T>(settings: Settings, work: (door: Door) => Promise<T>): Promise<T> {
  if (await serverRuns(settings.data)) return work(localDoor(settings.data))
  const { withOfflineServer } = await import('../server/offline.ts')
  return withOfflineServer(settings, work)
}

/** The door of the server that runs on the data folder. */
export function localDoor(dataFolder: string): Door {
  return {
    call: (functionName, args) =>
      callLocal(dataFolder, {
        path: `/json-api/${encodeURIComponent(functionName)}`,
        body: JSON.stringify({ 'api.version': 1, ...args }),
      }),
    backup: (sink) => backupLocal(dataFolder, sink),
  }
}

/** The data of a version 1 reply; throws a Problem with the reason if the function did not do it. */
export function dataOf(reply: LocalReply): unknown {
  const body = parseReply(reply.body)
  const metadata = body?.metadata as { result?: unknown } | undefined // Only compared with 1.
  if (metadata?.result === 1) return body?.data
  throw new Problem(reasonIn(reply.body) ?? `the server's answer cannot be read (HTTP ${reply.httpStatus})`)
}
