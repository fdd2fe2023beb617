/** What accounts held on disk when they were measured last. */
import type { DiskUsage } from '../hosting/host.ts'
import type { Storage } from './database.ts'
import { chunksOf, toSeconds } from './rows.ts'

/** Those of homes that accounts have; what is left of others goes at the next write. */
export async function readDiskUsages(storage: Storage): Promise<ReadonlyMap<string, DiskUsage>> {
  const rows = await storage.read
    .selectFrom('disk_usage')
    .select(['home', 'bytes', 'files'])
    .where('home', 'in', (e) => e.selectFrom('accounts').select('accounts.home'))
    .execute()
  return new Map(rows.map(({ home, bytes, files }) => [home, { bytes: Number(bytes), files: Number(files) }]))
}

export async function storeDiskUsages(
  storage: Storage,
  usages: ReadonlyMap<string, DiskUsage>,
  at: Date,
): Promise<void> {
  await storage.writeUsage(async (trx) => {
    await trx
      .deleteFrom('disk_usage')
      .where('home', 'not in', (e) => e.selectFrom('accounts').select('accounts.home'))
      .execute()
    for (const chunk of chunksOf([...usages], 200)) {
      await trx
        .insertInto('disk_usage')
        .values(chunk.map(([home, { bytes, files }]) => ({ home, bytes, files, measured_at: toSeconds(at) })))
        .onConflict((conflict) =>
          conflict.column('home').doUpdateSet((e) => ({
            bytes: e.ref('excluded.bytes'),
            files: e.ref('excluded.files'),
            measured_at: e.ref('excluded.measured_at'),
          })),
        )
        .execute()
    }
  })
}
