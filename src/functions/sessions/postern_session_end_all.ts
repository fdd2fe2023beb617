import { flag, optional } from '../../whm/params.ts'
import { userName } from '../accounts/forms.ts'
import { defineWrite } from '../define.ts'
import { ownSessionOf, userIdInReach } from './reach.ts'

export const posternSessionEndAll = defineWrite({
  name: 'postern_session_end_all',
  group: 'Sessions',
  summary: 'End all browser sessions of a user, your own unless root names another; tokens and passwords stay.',
  source: 'Postern',
  acl: 'all',
  openToSessions: true,
  params: {
    user: optional(userName({ doc: 'Whose sessions, chosen by root. Absent: your own.' })),
    keep_current: optional(flag({ doc: '1: the session that makes the call stays.' })),
  },
  failures: ['account-not-found'],
  v0: 'none',
  urgent: true,
  audit: (values) => values.user ?? '',
  async run(context, { user, keep_current }) {
    const userId = await userIdInReach(context, user)
    const kept = keep_current === true ? ownSessionOf(context) : undefined
    const ended = await context.stores.sessions.removeAllOf(userId, kept)
    context.note('ended', ended)
    return { data: { ended } }
  },
})
