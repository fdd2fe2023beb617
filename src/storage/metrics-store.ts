/** Figures for `/metrics` that only the database knows. Each is one cheap query; nothing of a user's choice becomes a label. */
import { type Kysely, sql } from 'kysely'
import { toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'

export type StoredFigures = {
  readonly tokens: {
    readonly active: number
    readonly expires_soon: number
    readonly expired: number
    readonly paused: number
  }
  /** Tokens that end within so many days. */
  readonly expiringWithin: (days: number) => number
  /** Certificates that sites show and that end within so many days, or have ended. */
  readonly certificatesWithin: (days: number) => number
  /** Sites whose last try to get a certificate automatically failed. */
  readonly autoSslFailing: number
  readonly bans: number
  readonly openAlerts: ReadonlyMap<string, number>
}

const DAY_SECONDS = 86_400

export async function storedFigures(
  db: Kysely<Schema>,
  now: Date,
  soonSeconds: number,
  days: readonly number[],
): Promise<StoredFigures> {
  const at = toSeconds(now)
  const counted = (condition: ReturnType<typeof sql<boolean>>) =>
    sql<number>`coalesce(sum(case when ${condition} then 1 else 0 end), 0)`
  const isExpired = sql<boolean>`coalesce(expires_at, ${at} + 1) <= ${at}`
  const isPaused = sql<boolean>`paused_at is not null`
  const endsWithin = (seconds: number) => sql<boolean>`expires_at > ${at} and expires_at <= ${at + seconds}`
  const tokens = await db
    .selectFrom('tokens')
    .select([
      counted(isExpired).as('expired'),
      counted(sql<boolean>`not (${isExpired}) and ${isPaused}`).as('paused'),
      counted(sql<boolean>`${endsWithin(soonSeconds)} and not (${isPaused})`).as('expires_soon'),
      sql<number>`count(*)`.as('all'),
    ])
    .select(days.map((day) => counted(endsWithin(day * DAY_SECONDS)).as(`within_${day}`)))
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow()
  const bans = await db
    .selectFrom('bans')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('until_ms', '>', now.getTime())
    .executeTakeFirstOrThrow()
  const alerts = await db
    .selectFrom('alerts')
    .select('severity')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('acknowledged_at', 'is', null)
    .groupBy('severity')
    .execute()
  const certificates = await db
    .selectFrom('ssl_sites')
    .innerJoin('ssl_certificates', 'ssl_certificates.id', 'ssl_sites.certificate_id')
    .select(days.map((day) => counted(sql<boolean>`not_after <= ${at + day * DAY_SECONDS}`).as(`within_${day}`)))
    .executeTakeFirstOrThrow()
  const failing = await db
    .selectFrom('autossl_state')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('result', '=', 'failed')
    .executeTakeFirstOrThrow()
  const within = (counts: object, day: number) =>
    Number((counts as Readonly<Record<string, unknown>>)[`within_${day}`] ?? 0)
  const [expired, paused, soon] = [Number(tokens.expired), Number(tokens.paused), Number(tokens.expires_soon)]
  return {
    tokens: { active: Number(tokens.all) - expired - paused - soon, expires_soon: soon, expired, paused },
    expiringWithin: (day) => within(tokens, day),
    certificatesWithin: (day) => within(certificates, day),
    autoSslFailing: Number(failing.count),
    bans: Number(bans.count),
    openAlerts: new Map(alerts.map(({ severity, count }) => [severity, Number(count)])),
  }
}
