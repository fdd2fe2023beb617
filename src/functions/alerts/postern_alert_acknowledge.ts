import type { Caller } from '../../acl/caller.ts'
import type { Alert } from '../../alerts/alert.ts'
import { Failure } from '../../failures.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { alertIds, viewerOf } from './forms.ts'

/** What happens afterwards opens a new alert. An owner closes it in their own list alone; root still sees it. */
export const posternAlertAcknowledge = defineWrite({
  name: 'postern_alert_acknowledge',
  group: 'Alerts',
  summary: 'Close alerts that somebody has looked at. Acknowledging one twice is no failure.',
  source: 'Postern',
  acl: ['all', 'manage-api-tokens'],
  params: { id: alertIds },
  failures: ['alert-not-found', 'not-served-here'],
  v0: 'none',
  audit: (values) => values.id.join(' '),
  async run(context, values) {
    const alerts: Alert[] = []
    for (const id of values.id) alerts.push(await load(context, id))
    const { caller, now, stores } = context
    let closed = 0
    for (const { id } of alerts) {
      const isNew =
        viewerOf(caller) === undefined
          ? await stores.alerts.acknowledge(id, caller.user, now)
          : await stores.alerts.acknowledgeAsOwner(id, now)
      if (isNew) closed += 1
    }
    return { data: { acknowledged: closed } }
  },
})

async function load({ caller, stores }: WriteContext, id: number): Promise<Alert> {
  const alert = await stores.alerts.find(id)
  const viewer = viewerOf(caller)
  if (alert === undefined || (viewer !== undefined && alert.about.userId !== viewer))
    throw new Failure('alert-not-found', { id })
  assertNotItself(caller, alert)
  return alert
}

/** A stolen token must not close what was raised about it. */
function assertNotItself({ credential }: Caller, alert: Alert): void {
  if (credential.kind === 'token' && credential.tokenId === alert.about.tokenId)
    throw new Failure('not-served-here', { what: 'a token may not acknowledge alerts about itself' })
}
