/** Argument forms, reply parts and reach that the alert functions share. */
import { type Caller, holdsEverything } from '../../acl/caller.ts'
import { ALERT_KINDS, type Alert, type AlertKind, type AlertMute, isMutedBy } from '../../alerts/alert.ts'
import { Failure } from '../../failures.ts'
import { list, text, wholeNumber } from '../../whm/params.ts'

const KINDS = Object.keys(ALERT_KINDS)

export const alertKind = (doc: string) =>
  text({
    doc: `${doc} One of ${KINDS.join(', ')}.`,
    only: new RegExp(`^(?:${KINDS.join('|')})$`),
    onlyProblem: 'is no kind of alert',
  })

export const alertIds = list(wholeNumber({ doc: 'The numbers of the alerts.', min: 1 }), { max: 1000 })

/** Whose alerts the caller sees: undefined for those of the whole server. */
export function viewerOf(caller: Caller): number | undefined {
  return holdsEverything(caller) ? undefined : caller.userId
}

/** A stolen token must not hide what it does, so alerts are silenced by people alone. Throws `not-served-here`. */
export function assertNoToken(caller: Caller): void {
  if (caller.credential.kind === 'token') throw new Failure('not-served-here', { what: 'a token may not mute alerts' })
}

/** The alert as its viewer sees it: for others than root, closed by root or by themselves. */
export function listedAlert(alert: Alert, mutes: readonly AlertMute[], viewer: number | undefined) {
  const { about } = alert
  const ownerSaw = viewer === undefined ? undefined : alert.ownerAcknowledgedAt
  const acknowledgedAt = alert.acknowledgedAt ?? ownerSaw
  return {
    id: alert.id,
    kind: alert.kind,
    severity: alert.severity,
    title: ALERT_KINDS[alert.kind].title,
    reason: alert.reason,
    examples: alert.examples,
    user: about.user ?? null,
    token_id: about.tokenId ?? null,
    token_name: about.tokenName ?? null,
    address: about.address ?? null,
    first_time: seconds(alert.firstAt),
    time: seconds(alert.lastAt),
    occurrences: alert.occurrences,
    acknowledged: acknowledgedAt === undefined ? null : seconds(acknowledgedAt),
    acknowledged_by: alert.acknowledgedBy === '' ? null : alert.acknowledgedBy,
    acknowledged_by_owner: alert.ownerAcknowledgedAt === undefined ? null : seconds(alert.ownerAcknowledgedAt),
    muted: mutes.some((mute) => isMutedBy(mute, alert, viewer)) ? 1 : 0,
  }
}

export function listedMute(mute: AlertMute) {
  return {
    id: mute.id,
    kind: mute.kind ?? null,
    token_id: mute.tokenId ?? null,
    until: mute.untilAt === undefined ? null : seconds(mute.untilAt),
    created: seconds(mute.createdAt),
    created_by: mute.createdBy,
  }
}

/** What `alertKind` read is a kind. */
export const asKind = (kind: string | undefined): AlertKind | undefined => kind as AlertKind | undefined

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}
