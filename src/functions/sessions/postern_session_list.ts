import type { Session } from '../../accounts/sessions.ts'
import { holdsEverything } from '../../acl/caller.ts'
import { optional } from '../../whm/params.ts'
import { userName } from '../accounts/forms.ts'
import type { Context } from '../context.ts'
import { defineRead } from '../define.ts'
import { ownSessionOf, publicIdOf, userIdInReach } from './reach.ts'

export const posternSessionList = defineRead({
  name: 'postern_session_list',
  group: 'Sessions',
  summary: "List browser sessions, the newest first: every user's for root, your own otherwise.",
  source: 'Postern',
  acl: 'all',
  openToSessions: true,
  params: { user: optional(userName({ doc: 'Sessions of this user. Absent: all that you may see.' })) },
  failures: ['account-not-found'],
  v0: 'none',
  async run(context, { user }) {
    const isAll = user === undefined && holdsEverything(context.caller)
    const found = await context.stores.sessions.list(isAll ? undefined : await userIdInReach(context, user))
    const names = await namesOf(context, found)
    const own = ownSessionOf(context)
    return {
      data: {
        sessions: found.map((session) => ({
          id: publicIdOf(session),
          user: names.get(session.userId) ?? '',
          service: session.service,
          address: session.address,
          created_at: Math.floor(session.createdAt.getTime() / 1000),
          last_seen_at: Math.floor(session.lastSeenAt.getTime() / 1000),
          is_current: session.digest === own ? 1 : 0,
        })),
      },
    }
  },
})

async function namesOf({ stores }: Context, sessions: readonly Session[]): Promise<ReadonlyMap<number, string>> {
  const names = new Map<number, string>()
  for (const userId of new Set(sessions.map((session) => session.userId))) {
    const user = await stores.accounts.findUserById(userId)
    if (user !== undefined) names.set(userId, user.name)
  }
  return names
}
