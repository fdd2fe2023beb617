/** What a serving process does about alerts: it carries them to the sinks, reminds of tokens that
 * expire, and looks for unusual use and changed settings. Commands that only look into a data folder do not. */
import { AlertDelivery } from '../alerts/delivery.ts'
import { outboxOn } from '../storage/outbox.ts'
import { currentPepper } from '../tokens/secret.ts'
import { openSinks } from './alert-sinks.ts'
import type { EventLog } from './event-log.ts'
import { remindOfExpiry } from './reminders.ts'
import type { Runtime } from './runtime.ts'
import { watchSettings } from './settings-watch.ts'
import { watchUse } from './use-watch.ts'

const EACH_MS = 60_000

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
  const remind = (): Promise<void> =>
    remindOfExpiry(storage, clock.now()).catch((error: unknown) =>
      log.warn({ error }, 'tokens that expire soon could not be looked for; the next minute tries again'),
    )
  const limits = { days: settings.alertLearningDays, calls: settings.alertLearningCalls }
  const watch = (): Promise<void> =>
    watchUse(storage, clock.now(), limits).catch((error: unknown) =>
      log.warn({ error }, 'the use of tokens could not be looked at; the next minute tries again'),
    )
  let timer: NodeJS.Timeout | undefined
  return {
    newWebhookSecret,
    async start() {
      await delivery.start()
      await watchSettings(storage, settings, currentPepper(folder.pepper), clock.now()).catch((error: unknown) =>
        log.warn({ error }, 'whether settings were changed could not be found out'),
      )
      await remind()
      await watch()
      timer = setInterval(() => void remind().then(watch), EACH_MS).unref()
    },
    async close() {
      clearInterval(timer)
      await delivery.close()
    },
  }
}
