/**
 * The local door: the same API handler on a socket in the data folder that only the server's own user (and root) can open. Whoever
 * opens it is root on this server, or acts as the user named in `x-postern-user`. Backups are streamed here.
 */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { openSocketPath } from '../config/socket-path.ts'
import type { Failure } from '../failures.ts'
import { accountNamedIn } from '../functions/uapi/account-named.ts'
import { type ApiParts, makeApiHandler } from './api.ts'
import { writeBackup } from './backup.ts'
import { localCaller } from './callers.ts'
import type { Metrics } from './metrics.ts'
import { answerMetrics } from './metrics-door.ts'
import { makeOpenapiDocument } from './openapi-document.ts'
import type { Refused } from './refusals.ts'
import type { Runtime } from './runtime.ts'

export type LocalDoor = {
  /** Lets running calls end, at most `graceMs`. */
  close(graceMs: number): Promise<void>
  cut(): void
}

const NOBODY = { address: undefined, addressText: '', ignoredHeaders: [] } as const

export async function openLocalDoor(
  runtime: Runtime,
  parts: Pick<ApiParts, 'door' | 'log' | 'accessLine' | 'nowMs'>,
  metrics: Metrics,
): Promise<LocalDoor> {
  const handleApi = makeApiHandler({
    ...parts,
    accountNamed: ({ kind }, args) => (kind === 'root' ? accountNamedIn(args) : { by: 'caller' }),
    clientOf: () => NOBODY,
    authenticate: async (_socket, head) => {
      const name = head.localUser ?? 'root'
      const caller = await localCaller(runtime.stores.accounts, name)
      return caller === undefined ? unknownUser(name) : { kind: 'caller', caller, token: undefined }
    },
    onTokenCall: () => {},
    openapi: makeOpenapiDocument(parts.door.catalogue, parts.door.uapi),
    onRefused: () => {},
    onBarred: () => {},
  })
  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/local/backup')
      void streamBackup(runtime, parts, request, response)
    else if (request.url === '/metrics') answerMetrics(metrics, request, response, parts.log)
    else handleApi(request, response)
  })
  server.requestTimeout = 0
  const path = join(runtime.folder.path, 'postern.sock')
  // The folder's lock is ours, so a socket that lies here belongs to nobody any more.
  rmSync(path, { force: true })
  const socketPath = openSocketPath(runtime.folder.path)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath.path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearTimeout(cut)
      socketPath.close()
      rmSync(path, { force: true })
    },
    cut: () => server.closeAllConnections(),
  }
}

function unknownUser(name: string): Refused {
  return {
    kind: 'refused',
    refusal: 'unknown-user',
    claimedUser: name,
    tokenId: undefined,
    tokenName: undefined,
    address: undefined,
    sentScheme: undefined,
    isSignIn: false,
  }
}

/** A broken stream ends without its last chunk, so that the reader knows the backup is not whole. */
async function streamBackup(
  runtime: Runtime,
  { log }: Pick<ApiParts, 'log'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume()
  response.writeHead(200, { 'content-type': 'application/octet-stream' })
  try {
    await writeBackup(runtime, response)
    response.end()
  } catch (error) {
    log.error({ error }, 'a backup failed')
    response.destroy(error as Failure)
  }
}
