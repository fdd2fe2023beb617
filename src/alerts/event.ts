/** What leaves the server when an alert is opened or goes on: one JSON object, the same for every sink. */
import { ALERT_KINDS, type Alert } from './alert.ts'

/** Moments are Unix seconds; what is not known is null. Documented in `docs/alerts.md`, so fields are only ever added. */
export type AlertEvent = {
  readonly alert: number
  readonly kind: Alert['kind']
  readonly severity: Alert['severity']
  readonly title: string
  readonly reason: string
  readonly user: string | null
  readonly token_id: string | null
  readonly token_name: string | null
  readonly address: string | null
  readonly examples: readonly string[]
  readonly first_time: number
  readonly time: number
  readonly occurrences: number
}

export function formatEvent(alert: Alert): AlertEvent {
  const { about } = alert
  return {
    alert: alert.id,
    kind: alert.kind,
    severity: alert.severity,
    title: ALERT_KINDS[alert.kind].title,
    reason: alert.reason,
    user: about.user ?? null,
    token_id: about.tokenId ?? null,
    token_name: about.tokenName ?? null,
    address: about.address ?? null,
    examples: alert.examples,
    first_time: Math.floor(alert.firstAt.getTime() / 1000),
    time: Math.floor(alert.lastAt.getTime() / 1000),
    occurrences: alert.occurrences,
  }
}
