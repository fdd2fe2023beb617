/** The outbox of alerts and how far each sink is in it. */
import { type Selectable, sql } from 'kysely'
import type { Outbox, OutboxEvent, SinkName, SinkState } from '../alerts/delivery.ts'
import type { AlertEvent } from '../alerts/event.ts'
import type { Storage } from './database.ts'
import { fromSecondsOrNull, metARow, toSecondsOrNull } from './rows.ts'
import type { AlertSinkTable } from './tables/alerts.ts'

const STATE_COLUMNS = [
  'sink',
  'delivered_event',
  'lost',
  'attempts',
  'next_try_ms',
  'last_success_at',
  'last_error',
] as const

type StateRow = Pick<Selectable<AlertSinkTable>, (typeof STATE_COLUMNS)[number]> & { readonly waiting: number | null }

const waiting = sql<number>`(select count(*) from alert_events where alert_events.id > alert_sinks.delivered_event)`.as(
  'waiting',
)

export function outboxOn(storage: Pick<Storage, 'read' | 'writeUsage'>): Outbox {
  return {
    async open(name) {
      const known = await storage.read.selectFrom('alert_sinks').select('sink').where('sink', '=', name).execute()
      if (known.length > 0) return
      await storage.writeUsage(async (trx) => {
        const newest = await trx
          .selectFrom('alert_events')
          .select(({ fn }) => fn.max('id').as('id'))
          .executeTakeFirst()
        const idle = { lost: 0, attempts: 0, next_try_ms: 0, last_success_at: null, last_error: '' }
        await trx
          .insertInto('alert_sinks')
          .values({
            sink: name,
            delivered_event: Number(newest?.id ?? 0),
            ...idle,
            lease_holder: '',
            lease_until_ms: 0,
          })
          // Another node may have been first.
          .onConflict((conflict) => conflict.column('sink').doNothing())
          .execute()
      })
    },
    async states() {
      const rows = await storage.read
        .selectFrom('alert_sinks')
        .select(STATE_COLUMNS)
        .select(waiting)
        .orderBy('sink')
        .execute()
      return rows.map(stateOf)
    },
    async claim(name, holder, nowMs, untilMs) {
      let claimed: SinkState | undefined
      await storage.writeUsage(async (trx) => {
        const row = await trx
          .updateTable('alert_sinks')
          .set({ lease_holder: holder, lease_until_ms: untilMs })
          .where('sink', '=', name)
          .where((e) => e.or([e('lease_holder', '=', holder), e('lease_until_ms', '<=', nowMs)]))
          .returning(STATE_COLUMNS)
          .executeTakeFirst()
        claimed = row && stateOf({ ...row, waiting: null })
      })
      return claimed
    },
    async after(eventId, limit) {
      const rows = await storage.read
        .selectFrom('alert_events')
        .select(['id', 'user_id', 'at_ms', 'body'])
        .where('id', '>', eventId)
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(eventOf)
    },
    async note(name, holder, progress) {
      let isOurs = false
      await storage.writeUsage(async (trx) => {
        const result = await trx
          .updateTable('alert_sinks')
          .set({
            delivered_event: progress.deliveredEvent,
            lost: progress.lost,
            attempts: progress.attempts,
            next_try_ms: progress.nextTryMs,
            last_success_at: toSecondsOrNull(progress.lastSuccessAt),
            last_error: progress.lastError,
            lease_until_ms: progress.leaseUntilMs,
          })
          .where('sink', '=', name)
          .where('lease_holder', '=', holder)
          .executeTakeFirst()
        isOurs = metARow(result)
      })
      return isOurs
    },
    async tidy(names, before) {
      await storage.writeUsage(async (trx) => {
        const sinks = await trx.selectFrom('alert_sinks').select(['sink', 'delivered_event']).execute()
        const slowest = sinks.filter(({ sink }) => names.includes(sink as SinkName)).map((sink) => sink.delivered_event)
        await trx
          .deleteFrom('alert_events')
          .where((e) =>
            e.or([
              e('at_ms', '<', before.getTime()),
              ...(slowest.length === 0 ? [] : [e('id', '<=', Math.min(...slowest))]),
            ]),
          )
          // The newest stays: a sink that is new begins after it.
          .where(
            'id',
            '<',
            trx.selectFrom('alert_events').select(({ fn }) => fn.max('id').as('id')),
          )
          .execute()
      })
    },
  }
}

function stateOf(row: StateRow): SinkState {
  return {
    name: row.sink as SinkName, // only ever written from a `SinkName`
    deliveredEvent: row.delivered_event,
    lost: row.lost,
    attempts: row.attempts,
    nextTryMs: row.next_try_ms,
    lastSuccessAt: fromSecondsOrNull(row.last_success_at),
    lastError: row.last_error,
    waiting: Number(row.waiting ?? 0),
  }
}

function eventOf(row: {
  readonly id: number
  readonly user_id: number | null
  readonly at_ms: number
  readonly body: string
}): OutboxEvent {
  return {
    id: row.id,
    at: new Date(row.at_ms),
    userId: row.user_id ?? undefined,
    event: JSON.parse(row.body) as AlertEvent, // as `formatEvent` made it
  }
}
