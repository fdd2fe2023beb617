import type { EventLog } from './event-log.ts'

/** Does the work each `ms` milliseconds, without keeping the process alive; what fails is logged and tried again the next time. */
export function regularly(ms: number, work: () => Promise<unknown>, log: EventLog, trouble: string): NodeJS.Timeout {
  const run = (): void => void work().catch((error: unknown) => log.warn({ error }, trouble))
  return setInterval(run, ms).unref()
}
