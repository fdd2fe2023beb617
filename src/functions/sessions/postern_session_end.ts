import { holdsEverything } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import { text } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { publicIdOf } from './reach.ts'

export const posternSessionEnd = defineWrite({
  name: 'postern_session_end',
  group: 'Sessions',
  summary: 'End one browser session; its next request is refused on every node.',
  source: 'Postern',
  acl: 'all',
  openToSessions: true,
  params: { session: text({ doc: 'The `id` that postern_session_list shows.', min: 1, max: 64 }) },
  failures: ['session-not-found'],
  v0: 'none',
  urgent: true,
  audit: (values) => values.session,
  async run(context, { session: id }) {
    const { caller, stores, note } = context
    const inReach = await stores.sessions.list(holdsEverything(caller) ? undefined : caller.userId)
    const session = inReach.find((one) => publicIdOf(one) === id)
    if (session === undefined) throw new Failure('session-not-found', { session: id })
    await stores.sessions.remove(session.digest)
    const user = await stores.accounts.findUserById(session.userId)
    if (user !== undefined) note('user', user.name)
    return { data: {} }
  },
})
