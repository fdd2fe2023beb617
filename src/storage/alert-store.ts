/** Alerts in the database, with the outbox that sinks read. */
import { type Kysely, type Selectable, sql } from 'kysely'
import {
  ALERT_KINDS,
  type Alert,
  type AlertFilter,
  type AlertKind,
  type AlertMute,
  type AlertStore,
  groupKeyOf,
  isMutedBy,
  type KindFacts,
  type NewAlert,
} from '../alerts/alert.ts'
import { formatEvent } from '../alerts/event.ts'
import { storable } from './audit-store.ts'
import { fromSeconds, fromSecondsOrNull, listFromJson, metARow, toSeconds, toSecondsOrNull } from './rows.ts'
import type { Schema } from './schema.ts'
import type { AlertMuteTable, AlertTable } from './tables/alerts.ts'

const EXAMPLES_MAX = 10
/** An alert that goes on is sent again after this long. */
const SEND_AGAIN_MS = 3_600_000
/** Beyond so many open alerts of a kind the rest is counted in one, whatever it is about: a flood from many addresses. */
const OPEN_MAX = 500

const COLUMNS = [
  'id',
  'kind',
  'severity',
  'user_id',
  'user_name',
  'token_id',
  'token_name',
  'address',
  'reason',
  'examples',
  'first_at_ms',
  'last_at_ms',
  'occurrences',
  'sent_at_ms',
  'acknowledged_at',
  'acknowledged_by',
  'owner_acknowledged_at',
] as const

type Row = Pick<Selectable<AlertTable>, (typeof COLUMNS)[number]>

/** The store on a connection or in a transaction; `raise` needs a transaction. */
export function alertStoreOn(db: Kysely<Schema>): AlertStore {
  return {
    async raise(alerts) {
      if (alerts.length === 0) return
      const mutes = await mutesIn(db, new Date(Math.max(...alerts.map(({ at }) => at.getTime()))))
      for (const alert of alerts) await raiseOne(db, alert, mutes)
    },
    async list(filter) {
      const rows = await filtered(db, filter).orderBy('id', 'desc').limit(filter.limit).execute()
      return rows.map(alertOf)
    },
    async find(id) {
      const row = await db.selectFrom('alerts').select(COLUMNS).where('id', '=', id).executeTakeFirst()
      return row && alertOf(row)
    },
    async acknowledge(id, by, at) {
      const result = await db
        .updateTable('alerts')
        .set({ acknowledged_at: toSeconds(at), acknowledged_by: by })
        .where('id', '=', id)
        .where('acknowledged_at', 'is', null)
        .executeTakeFirst()
      return metARow(result)
    },
    async acknowledgeAsOwner(id, at) {
      const result = await db
        .updateTable('alerts')
        .set({ owner_acknowledged_at: toSeconds(at) })
        .where('id', '=', id)
        .where('acknowledged_at', 'is', null)
        .where('owner_acknowledged_at', 'is', null)
        .executeTakeFirst()
      return metARow(result)
    },
    async mute(mute) {
      const row = await db
        .insertInto('alert_mutes')
        .values({
          kind: mute.kind ?? null,
          token_id: mute.tokenId ?? null,
          user_id: mute.userId ?? null,
          until_at: toSecondsOrNull(mute.untilAt),
          created_at: toSeconds(mute.createdAt),
          created_by: mute.createdBy,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      return row.id
    },
    async unmute(id, userId) {
      const chosen = db.deleteFrom('alert_mutes').where('id', '=', id)
      const result = await (userId === undefined ? chosen : chosen.where('user_id', '=', userId)).executeTakeFirst()
      return metARow(result)
    },
    mutes: (now) => mutesIn(db, now),
  }
}

async function raiseOne(db: Kysely<Schema>, alert: NewAlert, mutes: readonly AlertMute[]): Promise<void> {
  const { key, open } = await openAlert(db, alert)
  const isMuted = mutes.some((mute) => isMutedBy(mute, alert, undefined))
  const facts: KindFacts = ALERT_KINDS[alert.kind]
  const isDue = open?.sent_at_ms == null || facts.isSentEachTime === true || isLater(alert, open.sent_at_ms)
  const sentAtMs = !isMuted && isDue ? alert.at.getTime() : (open?.sent_at_ms ?? null)
  const row = open === undefined ? await insert(db, alert, key, sentAtMs) : await count(db, alert, open, sentAtMs)
  if (isMuted || !isDue) return
  await db
    .insertInto('alert_events')
    .values({
      alert_id: row.id,
      user_id: row.user_id,
      at_ms: alert.at.getTime(),
      body: JSON.stringify(formatEvent(alertOf(row))),
    })
    .execute()
}

const isLater = ({ at }: NewAlert, sentAtMs: number): boolean => at.getTime() >= sentAtMs + SEND_AGAIN_MS

/** The open alert that this one belongs to, or the key under which to open one. */
async function openAlert(db: Kysely<Schema>, alert: NewAlert): Promise<{ readonly key: string; readonly open?: Row }> {
  const key = groupKeyOf(alert)
  const open = await openUnder(db, key)
  if (open !== undefined) return { key, open }
  const { openOnes } = await db
    .selectFrom('alerts')
    .select(({ fn }) => fn.countAll<number>().as('openOnes'))
    .where('kind', '=', alert.kind)
    .where('acknowledged_at', 'is', null)
    .executeTakeFirstOrThrow()
  if (Number(openOnes) < OPEN_MAX) return { key }
  const rest = `${alert.kind} and others`
  const counting = await openUnder(db, rest)
  return counting === undefined ? { key: rest } : { key: rest, open: counting }
}

function openUnder(db: Kysely<Schema>, key: string): Promise<Row | undefined> {
  return db
    .selectFrom('alerts')
    .select(COLUMNS)
    .where('group_key', '=', key)
    .where('acknowledged_at', 'is', null)
    .executeTakeFirst()
}

function insert(db: Kysely<Schema>, alert: NewAlert, key: string, sentAtMs: number | null): Promise<Row> {
  const { about, at } = alert
  return db
    .insertInto('alerts')
    .values({
      kind: alert.kind,
      severity: ALERT_KINDS[alert.kind].severity,
      group_key: storable(key),
      user_id: about.userId ?? null,
      user_name: storable(about.user ?? ''),
      token_id: about.tokenId ?? null,
      token_name: about.tokenName ?? null,
      address: about.address ?? null,
      reason: storable(alert.reason),
      examples: JSON.stringify(alert.example === undefined ? [] : [storable(alert.example)]),
      first_at_ms: at.getTime(),
      last_at_ms: at.getTime(),
      occurrences: alert.occurrences ?? 1,
      sent_at_ms: sentAtMs,
      acknowledged_at: null,
      acknowledged_by: '',
      owner_acknowledged_at: null,
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
}

function count(db: Kysely<Schema>, alert: NewAlert, open: Row, sentAtMs: number | null): Promise<Row> {
  return db
    .updateTable('alerts')
    .set({
      reason: storable(alert.reason),
      examples: JSON.stringify(withExample(listFromJson(open.examples), alert.example)),
      last_at_ms: Math.max(open.last_at_ms, alert.at.getTime()),
      occurrences: sql<number>`occurrences + ${alert.occurrences ?? 1}`,
      sent_at_ms: sentAtMs,
      // It goes on, so its owner should look again.
      owner_acknowledged_at: null,
    })
    .where('id', '=', open.id)
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
}

function withExample(examples: readonly string[], example: string | undefined): readonly string[] {
  if (example === undefined || examples.length >= EXAMPLES_MAX) return examples
  const text = storable(example)
  return examples.includes(text) ? examples : [...examples, text]
}

function filtered(db: Kysely<Schema>, filter: AlertFilter) {
  let query = db.selectFrom('alerts').select(COLUMNS)
  if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId)
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind)
  if (filter.tokenId !== undefined) query = query.where('token_id', '=', filter.tokenId)
  if (filter.severity !== undefined) query = query.where('severity', '=', filter.severity)
  if (filter.since !== undefined) query = query.where('last_at_ms', '>=', filter.since.getTime())
  if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId)
  if (filter.isOpen === undefined) return query
  if (filter.userId === undefined) return query.where('acknowledged_at', filter.isOpen ? 'is' : 'is not', null)
  if (filter.isOpen) return query.where('acknowledged_at', 'is', null).where('owner_acknowledged_at', 'is', null)
  return query.where((e) => e.or([e('acknowledged_at', 'is not', null), e('owner_acknowledged_at', 'is not', null)]))
}

async function mutesIn(db: Kysely<Schema>, now: Date): Promise<readonly AlertMute[]> {
  const rows = await db
    .selectFrom('alert_mutes')
    .select(['id', 'kind', 'token_id', 'user_id', 'until_at', 'created_at', 'created_by'])
    .where((e) => e.or([e('until_at', 'is', null), e('until_at', '>', toSeconds(now))]))
    .orderBy('id')
    .execute()
  return rows.map(muteOf)
}

function muteOf(row: Selectable<AlertMuteTable>): AlertMute {
  return {
    id: row.id,
    // Only ever written from an `AlertKind`.
    kind: (row.kind as AlertKind | null) ?? undefined,
    tokenId: row.token_id ?? undefined,
    userId: row.user_id ?? undefined,
    untilAt: fromSecondsOrNull(row.until_at),
    createdAt: fromSeconds(row.created_at),
    createdBy: row.created_by,
  }
}

function alertOf(row: Row): Alert {
  return {
    id: row.id,
    // Both were written from an `AlertKind` and its severity.
    kind: row.kind as AlertKind,
    severity: row.severity as Alert['severity'],
    about: {
      userId: row.user_id ?? undefined,
      user: row.user_name === '' ? undefined : row.user_name,
      tokenId: row.token_id ?? undefined,
      tokenName: row.token_name ?? undefined,
      address: row.address ?? undefined,
    },
    reason: row.reason,
    examples: listFromJson(row.examples),
    firstAt: new Date(row.first_at_ms),
    lastAt: new Date(row.last_at_ms),
    occurrences: Number(row.occurrences),
    acknowledgedAt: fromSecondsOrNull(row.acknowledged_at),
    acknowledgedBy: row.acknowledged_by,
    ownerAcknowledgedAt: fromSecondsOrNull(row.owner_acknowledged_at),
  }
}
