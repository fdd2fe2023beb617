import type { AlertSeverity } from '../../alerts/alert.ts'
import { optional, text, unixSeconds, wholeNumber } from '../../whm/params.ts'
import { defineRead } from '../define.ts'
import { alertKind, asKind, listedAlert, listedMute, viewerOf } from './forms.ts'

const LIMIT_DEFAULT = 100

/** Alerts that are muted are listed too, and marked. */
export const posternAlertList = defineRead({
  name: 'postern_alert_list',
  group: 'Alerts',
  summary: 'List alerts, newest first, and what is muted: all of them for root, those about your own tokens otherwise.',
  source: 'Postern',
  acl: ['all', 'manage-api-tokens'],
  params: {
    kind: optional(alertKind('Only of this kind.')),
    severity: optional(
      text({
        doc: 'notice, warning or critical.',
        only: /^(?:notice|warning|critical)$/,
        onlyProblem: 'is neither notice, warning nor critical',
      }),
    ),
    token_id: optional(text({ doc: 'Only about the token with this public id.', max: 100 })),
    state: optional(
      text({
        doc: 'open or acknowledged. Absent: both.',
        only: /^(?:open|acknowledged)$/,
        onlyProblem: 'is neither open nor acknowledged',
      }),
    ),
    since: optional(unixSeconds({ doc: 'Only what happened at this moment or later.' })),
    before: optional(
      wholeNumber({ doc: 'Older than the alert with this number: `next_before` of the page before.', min: 1 }),
    ),
    limit: optional(
      wholeNumber({ doc: `At most so many alerts, the newest. Absent: ${LIMIT_DEFAULT}.`, min: 1, max: 1000 }),
    ),
  },
  failures: [],
  v0: 'none',
  async run({ caller, now, stores, services }, values) {
    // What was refused a moment ago may still wait to be written.
    await services.flushAlerts()
    const viewer = viewerOf(caller)
    const limit = values.limit ?? LIMIT_DEFAULT
    const found = await stores.alerts.list({
      userId: viewer,
      kind: asKind(values.kind),
      tokenId: values.token_id,
      // The pattern of the parameter lets nothing else pass.
      severity: values.severity as AlertSeverity | undefined,
      isOpen: values.state === undefined ? undefined : values.state === 'open',
      since: values.since === 'never' ? undefined : values.since,
      beforeId: values.before,
      limit: limit + 1, // One more than asked for tells whether there is a next page.
    })
    const alerts = found.slice(0, limit)
    const mutes = (await stores.alerts.mutes(now)).filter(({ userId }) => userId === undefined || userId === viewer)
    return {
      data: {
        alerts: alerts.map((alert) => listedAlert(alert, mutes, viewer)),
        next_before: found.length > alerts.length ? (alerts.at(-1)?.id ?? null) : null,
        mutes: mutes.map(listedMute),
      },
    }
  },
})
