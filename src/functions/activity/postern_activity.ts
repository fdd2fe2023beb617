import { holdsEverything } from '../../acl/caller.ts'
import { optional, text, unixSeconds } from '../../whm/params.ts'
import { defineRead } from '../define.ts'

const DEFAULT_DAYS = 30
const DAY_MS = 86_400_000

/** `postern_token_usage` has the same for one token. */
export const posternActivity = defineRead({
  name: 'postern_activity',
  group: 'Activity',
  summary: 'Calls, refusals and sign-ins over time: of all tokens for root, of your own (without sign-ins) otherwise.',
  source: 'Postern',
  acl: ['all', 'manage-api-tokens'],
  params: {
    since: optional(unixSeconds({ doc: `From the day of this moment on. Absent: the last ${DEFAULT_DAYS} days.` })),
    period: optional(
      text({
        doc: '`hour` or `day`: how the series is cut. Calls that lie more than 8 days back are told by day. Absent: `day`.',
        only: /^(hour|day)$/,
        onlyProblem: 'is neither “hour” nor “day”',
      }),
    ),
  },
  failures: [],
  v0: 'none',
  async run({ caller, now, stores, services }, { since, period }) {
    await services.flushUsage()
    await services.flushTrail()
    const from = since instanceof Date ? since : new Date(now.getTime() - DEFAULT_DAYS * DAY_MS)
    const points = await stores.activity.activity({
      userId: holdsEverything(caller) ? undefined : caller.userId,
      since: from,
      period: period === 'hour' ? 'hour' : 'day',
    })
    return {
      data: {
        since: Math.floor(from.getTime() / 1000),
        series: points.map((point) => ({
          time: Math.floor(point.startsAt.getTime() / 1000),
          calls: point.calls,
          refused: point.refused,
          sign_ins: point.signIns,
          failed_sign_ins: point.failedSignIns,
        })),
      },
    }
  },
})
