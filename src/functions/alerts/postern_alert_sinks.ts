import { defineRead } from '../define.ts'

/** Mail addresses, URLs and errors of other hosts are root's alone. */
export const posternAlertSinks = defineRead({
  name: 'postern_alert_sinks',
  group: 'Alerts',
  summary: 'How far mail, webhook and syslog are: what waits, what was given up, and the last error.',
  source: 'Postern',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  async run({ services }) {
    const sinks = await services.alertSinks()
    return {
      data: {
        sinks: sinks.map((sink) => ({
          name: sink.name,
          waiting: sink.waiting,
          delivered_event: sink.deliveredEvent,
          lost: sink.lost,
          failed_tries: sink.attempts,
          last_success: sink.lastSuccessAt === undefined ? null : Math.floor(sink.lastSuccessAt.getTime() / 1000),
          last_error: sink.lastError === '' ? null : sink.lastError,
        })),
      },
    }
  },
})
