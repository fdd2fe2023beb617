/** What a serving process does about alerts: it carries them to the sinks. Commands that only look into a data folder do not. */
import { AlertDelivery } from '../alerts/delivery.ts'
import { outboxOn } from '../storage/outbox.ts'
import { openSinks } from './alert-sinks.ts'
import type { EventLog } from './event-log.ts'
import type { Runtime } from './runtime.ts'

export type Alerting = {
  /** Made at this start; to be shown once. */
  readonly newWebhookSecret: string | undefined
  start(): Promise<void>
  close(): Promise<void>
}

/** Throws `StartRefusal` for settings of sinks that cannot work. */
export async function openAlerting(runtime: Runtime, log: EventLog): Promise<Alerting> {
  const { settings, folder, stores, storage, clock } = runtime
  const nowMs = (): number => clock.nowMs()
  const url = (): string => runtime.origins.get('whm') ?? `https://${settings.hostname}`
  const { sinks, newWebhookSecret } = await openSinks({ settings, folder: folder.path, url, stores, nowMs })
  const delivery = new AlertDelivery(outboxOn(storage), sinks, nowMs, (sink, error) =>
    log.warn({ sink, error }, 'an alert could not be sent; it is tried again'),
  )
  return { newWebhookSecret, start: () => delivery.start(), close: () => delivery.close() }
}
