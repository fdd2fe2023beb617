/** Texts of the frame around every page, and of errors. */
export const shellWords = {
  product: 'Postern',
  sections: {
    home: 'Home',
    development: 'Development',
    resellers: 'Resellers',
    accounts: 'Accounts',
    security: 'Security',
  },
  shell: {
    skip: 'Skip to content',
    navigation: 'Pages',
    openNavigation: 'Open navigation',
    closeNavigation: 'Close navigation',
    search: 'Search pages',
    searchHint: 'Press / or Ctrl-K',
    searchNothing: (query: string) => `No page is found by “${query}”`,
    dark: 'Dark look',
    light: 'Light look',
    signOut: 'Sign out',
    signedInAs: (user: string) => `Signed in as ${user}`,
    loading: 'Loading…',
    titleOf: (page: string) => `${page} · Postern`,
    notFound: 'There is no page at this address.',
    retry: 'Try again',
  },
  errors: {
    title: 'That did not work',
    sessionEnded: 'Your session has ended.',
    sessionEndedLong:
      'You were signed out, because of a long pause or because somebody ended the session. Nothing on this page was sent.',
    signInAgain: 'Sign in again',
    unreachable: 'The server did not answer. Look whether the change was made before you repeat it.',
    status: (status: number) => `The server refused the request (HTTP ${status}).`,
    broken: 'Something in this page broke.',
    brokenLong:
      'Nothing was changed by that. Load the page again; if it happens once more, tell the administrator what you did.',
    reload: 'Load again',
  },
} as const
