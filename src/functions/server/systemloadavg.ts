import { defineRead } from '../define.ts'

/** Numbers; `loadavg` answers the same as texts. */
export const systemloadavg = defineRead({
  name: 'systemloadavg',
  group: 'Server',
  summary: "Tell the machine's load averages over one, five and fifteen minutes.",
  source: 'WHM API 1, systemloadavg',
  acl: 'basic-system-info',
  params: {},
  failures: [],
  v0: 'plain',
  run({ services }) {
    const [one, five, fifteen] = services.loadAverages()
    return { data: { one: twoDecimals(one), five: twoDecimals(five), fifteen: twoDecimals(fifteen) } }
  },
})

function twoDecimals(load: number): number {
  return Math.round(load * 100) / 100
}
