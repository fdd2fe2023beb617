import { guessedUsers } from '../../protection/user-counts.ts'
import { defineRead } from '../define.ts'
import { minutesLeft, moment } from './shown.ts'

/** Users for whom the next attempt has to wait, or who are locked for all but the addresses where they signed in before. */
export const getCphulkUserBrutes = defineRead({
  name: 'get_cphulk_user_brutes',
  group: 'Brute-force protection',
  summary: 'List the users whose password or code is being guessed.',
  source: 'WHM API 1, "Return login security brute force attacks by user"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  async run({ stores, services, now }) {
    await services.protection.flush()
    const { timezone } = services.facts
    const { maxFailuresByUser } = await stores.protection.config()
    const guessed = guessedUsers(await stores.protection.users(), maxFailuresByUser)
    const users = guessed.filter(({ untilMs }) => untilMs === undefined || untilMs > now.getTime())
    return {
      data: {
        user_brutes: users.map(({ user, network, factor, failures, lastFailedAtMs, untilMs }) => ({
          user,
          ip: network,
          service: 'whostmgrd',
          authservice: factor,
          logintime: moment(lastFailedAtMs, timezone),
          // A lock has no end by itself.
          exptime: untilMs === undefined ? '' : moment(untilMs, timezone),
          timeleft: untilMs === undefined ? 0 : minutesLeft(untilMs, now.getTime()),
          notes: `${failures} failures in a row`,
        })),
      },
    }
  },
})
