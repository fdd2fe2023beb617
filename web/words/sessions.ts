/** Texts of the list of browser sessions. */
export const sessionWords = {
  title: 'Browser Sessions',
  searchWords: 'sessions signed in login logins devices sign out everywhere end all sessions logout',
  about: 'Who is signed in with a browser, and from where. API tokens are not among them.',
  aboutOwn: 'Where you are signed in with a browser. API tokens are not among them.',
  columns: {
    user: 'User',
    address: 'From',
    service: 'Service',
    opened: 'Signed in',
    seen: 'Last seen',
    actions: 'Actions',
  },
  services: { whm: 'WHM', cpanel: 'cPanel' },
  current: 'This session',
  end: 'End',
  endOf: (user: string, address: string) => `End the session of ${user} from ${address}`,
  ended: 'The session is ended.',
  endOthers: 'End my other sessions…',
  endOthersTitle: 'End all your other sessions?',
  endOthersAbout:
    'Wherever else you are signed in, the next request is refused. This session stays, and so do your API tokens.',
  endOthersConfirm: 'End them',
  endedOthers: (number: number) => (number === 1 ? '1 session is ended.' : `${number} sessions are ended.`),
} as const
