import { Failure } from '../../failures.ts'
import { wholeNumber } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { assertNoToken, viewerOf } from './forms.ts'

export const posternAlertUnmute = defineWrite({
  name: 'postern_alert_unmute',
  group: 'Alerts',
  summary: 'Take a mute back. Root takes back every mute, others their own.',
  source: 'Postern',
  acl: ['all', 'manage-api-tokens'],
  params: { id: wholeNumber({ doc: 'The number of the mute, as `postern_alert_list` shows it.', min: 1 }) },
  failures: ['mute-not-found', 'not-served-here'],
  v0: 'none',
  audit: (values) => String(values.id),
  async run({ caller, stores }, { id }) {
    assertNoToken(caller)
    if (!(await stores.alerts.unmute(id, viewerOf(caller)))) throw new Failure('mute-not-found', { id })
    return { data: {} }
  },
})
