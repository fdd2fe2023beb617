import { defineWrite } from '../define.ts'

export const posternCalendarFeedRemove = defineWrite({
  name: 'postern_calendar_feed_remove',
  group: 'Alerts',
  summary: 'End the address of your calendar feed at once. Without one it is no failure.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: {},
  failures: [],
  v0: 'none',
  urgent: true,
  audit: () => '',
  async run({ caller, stores }) {
    return { data: { removed: (await stores.calendarFeeds.remove(caller.userId)) ? 1 : 0 } }
  },
})
