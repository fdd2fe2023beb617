/**
 * Keeps the figures of accounts' disk use fresh off the path of calls: home by home, one at a time and with pauses, and stored, so that a
 * list after a restart has them at once.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Account } from '../accounts/account.ts'
import type { DiskUsage, Host } from '../hosting/host.ts'
import type { Storage } from '../storage/database.ts'
import { readDiskUsages, storeDiskUsages } from '../storage/disk-usage-store.ts'
import type { EventLog } from './event-log.ts'

const STORE_MS = 5_000
const ROUND_MS = 600_000
const PAUSE_MS = 20

export type DiskRounds = {
  /** For the host: a home was measured. */
  onMeasured(home: string, usage: DiskUsage): void
  /** Reads what was stored and begins with the rounds. */
  start(host: Host, listAccounts: () => Promise<readonly Account[]>): Promise<void>
  /** Stores what waits; no round goes on after it. */
  close(): Promise<void>
}

export function makeDiskRounds(storage: Storage, log: EventLog, now: () => Date): DiskRounds {
  let waiting = new Map<string, DiskUsage>()
  const timers: NodeJS.Timeout[] = []
  const stopped = new AbortController()
  const store = async (): Promise<void> => {
    if (waiting.size === 0) return
    const usages = waiting
    waiting = new Map()
    try {
      await storeDiskUsages(storage, usages, now())
    } catch (error) {
      // What was measured meanwhile is newer.
      waiting = new Map([...usages, ...waiting])
      log.warn({ error }, 'figures of disk use could not be stored; they wait')
    }
  }
  const round = async (host: Host, listAccounts: () => Promise<readonly Account[]>): Promise<void> => {
    for (const { home } of await listAccounts()) {
      if (stopped.signal.aborted) return
      await host.diskUsages([home])
      await pause(PAUSE_MS, undefined, { ref: false, signal: stopped.signal })
    }
  }
  return {
    onMeasured: (home, usage) => void waiting.set(home, usage),
    async start(host, listAccounts) {
      host.rememberUsages(await readDiskUsages(storage))
      let isAtWork = false
      const begin = (): void => {
        if (isAtWork) return
        isAtWork = true
        round(host, listAccounts)
          .catch((error: unknown) => {
            if (!stopped.signal.aborted) log.warn({ error }, 'the disk use of accounts could not be measured')
          })
          .finally(() => {
            isAtWork = false
          })
      }
      timers.push(setInterval(() => void store(), STORE_MS).unref(), setInterval(begin, ROUND_MS).unref())
    },
    async close() {
      stopped.abort()
      for (const timer of timers) clearInterval(timer)
      await store()
    },
  }
}
