import { defineWrite } from '../define.ts'

/** The alert takes the way of every other: through the outbox, to each sink. */
export const posternAlertTest = defineWrite({
  name: 'postern_alert_test',
  group: 'Alerts',
  summary:
    'Raise an alert that says it is a test, to see whether it arrives; `postern_alert_sinks` tells of each sink.',
  source: 'Postern',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  audit: () => '',
  async run({ caller, now, stores }) {
    const reason = `This is a test of the alerts, asked for by “${caller.user}”. Nothing has happened.`
    await stores.alerts.raise([
      { kind: 'test', reason, about: { user: caller.user, address: caller.address }, at: now },
    ])
    return { data: {} }
  },
})
