/** A backup of a running or an offline server's database: one snapshot, without the pepper. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDump } from '../storage/dump.ts'
import { pepperCheck } from '../storage/pepper-file.ts'
import type { Runtime } from './runtime.ts'

/** Writes it and ends the sink; whatever was acknowledged before the call is in it. A full disk keeps nobody from a backup elsewhere. */
export async function writeBackup(
  runtime: Pick<Runtime, 'folder' | 'storage' | 'flushUsage'>,
  sink: NodeJS.WritableStream,
): Promise<void> {
  await runtime.flushUsage()
  const marker = JSON.parse(await readFile(join(runtime.folder.path, 'instance.json'), 'utf8')) as {
    readonly instanceId: string
  }
  await writeDump(runtime.storage, sink, {
    instanceId: marker.instanceId,
    pepperCheck: pepperCheck(runtime.folder.pepper),
  })
}
