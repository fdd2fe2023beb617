import { feedDigest, feedPath, makeFeedSecret } from '../../alerts/calendar-feed.ts'
import { Failure } from '../../failures.ts'
import { defineWrite } from '../define.ts'

/** Whoever knows the address reads the feed, so a token, which may end or be limited to addresses, cannot make one. */
export const posternCalendarFeedCreate = defineWrite({
  name: 'postern_calendar_feed_create',
  group: 'Alerts',
  summary:
    "Make the address of a calendar feed (iCalendar) with the expiry of your tokens, for root of everybody's; it replaces the one before.",
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: {},
  failures: ['not-served-here'],
  v0: 'none',
  audit: () => '',
  async run({ caller, now, stores, services }) {
    if (caller.credential.kind === 'token')
      throw new Failure('not-served-here', { what: 'a token may not make the address of a feed' })
    const secret = makeFeedSecret()
    await stores.calendarFeeds.replace(caller.userId, feedDigest(secret), now)
    return { data: { path: feedPath(secret), url: `${services.originOf('whm') ?? ''}${feedPath(secret)}` } }
  },
})
