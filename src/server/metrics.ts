/**
 * What `/metrics` shows, in Prometheus' text format. Figures are taken when they are read; no label holds anything that a caller chose, so
 * the number of series is fixed.
 */
import { collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client'
import { REMINDER_DAYS } from '../alerts/expiry.ts'
import { type StoredFigures, storedFigures } from '../storage/metrics-store.ts'
import type { CallFigures } from './call-figures.ts'
import type { Runtime } from './runtime.ts'

export type Metrics = { text(): Promise<{ readonly contentType: string; readonly text: string }> }

/** Readers that ask more often see the same figures of the database. */
const STORED_MAX_AGE_MS = 5_000

export function makeMetrics(runtime: Runtime, figures: CallFigures): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  registry.registerMetric(callsMetric(figures))
  registry.registerMetric(durationMetric(figures))
  registerStored(registry, makeStoredFigures(runtime))
  registerOwn(registry, runtime)
  return { text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }) }
}

type Values = readonly {
  readonly value: number
  readonly metricName?: string
  readonly labels: Record<string, string | number>
}[]

/** A metric whose values are kept elsewhere: prom-client's own counters and histograms only count up themselves. */
function readMetric(name: string, help: string, type: string, read: () => Values): Metric {
  const get = async () => ({ name, help, type, values: read(), aggregator: 'sum' })
  // The registry asks a metric for nothing but its name and these.
  return { name, help, type, get, getForPromString: get, reset() {} } as unknown as Metric
}

function callsMetric(figures: CallFigures): Metric {
  return readMetric('postern_calls_total', 'Answered calls by outcome, since the start.', 'counter', () =>
    figures.outcomes().map(([outcome, value]) => ({ value, labels: { outcome } })),
  )
}

function durationMetric(figures: CallFigures): Metric {
  const name = 'postern_call_duration_seconds'
  return readMetric(name, 'From the head of a call to its reply.', 'histogram', () => {
    const { buckets, count, seconds } = figures.durations()
    return [
      ...buckets.map(([le, value]) => ({ metricName: `${name}_bucket`, value, labels: { le } })),
      { metricName: `${name}_bucket`, value: count, labels: { le: '+Inf' } },
      { metricName: `${name}_sum`, value: seconds, labels: {} },
      { metricName: `${name}_count`, value: count, labels: {} },
    ]
  })
}

/** One look into the database for all of its figures; undefined while it cannot be reached. */
function makeStoredFigures({ storage, settings, clock }: Runtime): () => Promise<StoredFigures | undefined> {
  let last: { readonly atMs: number; readonly figures: Promise<StoredFigures | undefined> } | undefined
  return () => {
    const atMs = performance.now()
    if (last === undefined || atMs - last.atMs > STORED_MAX_AGE_MS) {
      const soonSeconds = settings.expiresSoonDays * 86_400
      const figures = storedFigures(storage.read, clock.now(), soonSeconds, REMINDER_DAYS).catch(() => undefined)
      last = { atMs, figures }
    }
    return last.figures
  }
}

type Stored = () => Promise<StoredFigures | undefined>

function registerStored(registry: Registry, stored: Stored): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    collect: (to: Gauge, figures: StoredFigures) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset()
        const figures = await stored()
        if (figures !== undefined) collect(this, figures)
      },
    })
  gauge('postern_tokens', 'API tokens that are not revoked, by state.', ['state'], (to, { tokens }) => {
    for (const [state, count] of Object.entries(tokens)) to.set({ state }, count)
  })
  gauge('postern_tokens_expiring', 'API tokens that expire within so many days.', ['days'], (to, figures) => {
    for (const days of REMINDER_DAYS) to.set({ days: String(days) }, figures.expiringWithin(days))
  })
  const ending = 'Certificates of sites that end within so many days, or have ended.'
  gauge('postern_certificates_expiring', ending, ['days'], (to, figures) => {
    for (const days of REMINDER_DAYS) to.set({ days: String(days) }, figures.certificatesWithin(days))
  })
  const failing = 'Sites whose last try to get a certificate automatically failed.'
  gauge('postern_autossl_failing', failing, [], (to, { autoSslFailing }) => to.set(autoSslFailing))
  gauge('postern_bans', 'Addresses and networks that are banned now.', [], (to, { bans }) => to.set(bans))
  gauge('postern_alerts_open', 'Alerts that nobody acknowledged, by severity.', ['severity'], (to, { openAlerts }) => {
    for (const severity of ['notice', 'warning', 'critical']) to.set({ severity }, openAlerts.get(severity) ?? 0)
  })
}

function registerOwn(registry: Registry, { door, storage, queues, tokens }: Runtime): void {
  const registers = [registry]
  new Gauge({
    name: 'postern_storage_ok',
    help: '1 while calls and changes can be served.',
    registers,
    collect() {
      this.set(storage.health() === 'ok' ? 1 : 0)
    },
  })
  new Gauge({
    name: 'postern_cached_tokens',
    help: 'API tokens that are kept in memory for their next call.',
    registers,
    collect() {
      this.set(tokens.size)
    },
  })
  new Gauge({
    name: 'postern_queue_length',
    help: 'What waits to be written, by kind.',
    labelNames: ['queue'],
    registers,
    collect() {
      for (const [queue, length] of Object.entries(queues())) this.set({ queue }, length)
    },
  })
  const sinkGauge = (name: string, help: string, read: (sink: SinkFigures) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['sink'],
      registers,
      async collect() {
        this.reset()
        for (const sink of await door.services.alertSinks().catch(() => [])) this.set({ sink: sink.name }, read(sink))
      },
    })
  sinkGauge('postern_alert_events_waiting', 'Alerts that wait to be sent, by sink.', ({ waiting }) => waiting)
  sinkGauge('postern_alert_events_lost', 'Alerts that were given up, by sink.', ({ lost }) => lost)
  sinkGauge('postern_alert_sink_failing', '1 while the last try to send failed.', ({ attempts }) =>
    attempts > 0 ? 1 : 0,
  )
}

type SinkFigures = { readonly waiting: number; readonly lost: number; readonly attempts: number }
