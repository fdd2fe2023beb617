import { defineRead } from '../define.ts'
import { shownAttempt } from './shown.ts'

const LISTED_MAX = 1000
const MINUTE_MS = 60_000

export const getCphulkFailedLogins = defineRead({
  name: 'get_cphulk_failed_logins',
  group: 'Brute-force protection',
  summary: `List failed attempts, newest first: the last ${LISTED_MAX} within the lookback.`,
  source: 'WHM API 1, "Return login security failed logins"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  async run({ stores, services, now }) {
    await services.protection.flush()
    const nowMs = now.getTime()
    const { windowMinutes, lookbackMinutes } = await stores.protection.config()
    const attempts = await stores.protection.attempts(nowMs - lookbackMinutes * MINUTE_MS, LISTED_MAX)
    const { timezone } = services.facts
    return {
      data: {
        failed_logins: attempts.map((attempt) =>
          shownAttempt(attempt, attempt.atMs + windowMinutes * MINUTE_MS, nowMs, timezone),
        ),
      },
    }
  },
})
