import { defineRead } from '../define.ts'

/** Texts at the top level, without an envelope, in both versions of the API (observed: official clients probe a server with it). */
export const loadavg = defineRead({
  name: 'loadavg',
  group: 'Server',
  summary: "Tell the machine's load averages in the old form, as texts without an envelope.",
  source: 'WHM API 0, loadavg',
  acl: 'basic-system-info',
  // A client's own tests probe with it in the session of a reseller who holds nothing but `create-acct` (observed).
  openToSessions: true,
  params: {},
  failures: [],
  v0: 'bare',
  run({ services }) {
    const [one, five, fifteen] = services.loadAverages()
    return { data: { one: one.toFixed(2), five: five.toFixed(2), fifteen: fifteen.toFixed(2) } }
  },
})
