/** Texts of the home page. */

const count = (number: number, one: string, more: string): string => (number === 1 ? `1 ${one}` : `${number} ${more}`)

export const homeWords = {
  title: 'Home',
  searchWords: 'start overview attention dashboard',
  about: (host: string) => `What needs attention on ${host}.`,
  attention: 'To look at',
  nothing: 'Nothing needs attention.',
  found: {
    expired: (number: number) => `${count(number, 'token has', 'tokens have')} expired`,
    soon: (number: number) => `${count(number, 'token expires', 'tokens expire')} soon`,
    paused: (number: number) => `${count(number, 'token is', 'tokens are')} paused`,
    everything: (number: number) => `${count(number, 'token', 'tokens')} can do everything`,
    'never-used': (number: number) => `${count(number, 'token was', 'tokens were')} never used`,
    unused: (number: number) => `${count(number, 'token was', 'tokens were')} not used for 60 days`,
    'no-expiry': (number: number) => `${count(number, 'token never ends', 'tokens never end')}`,
    'no-ips': (number: number) => `${count(number, 'token works', 'tokens work')} from any address`,
  },
  why: {
    expired: 'Whatever still uses them is refused.',
    soon: 'Rotate them, or move their end, before something stops.',
    paused: 'Resume them or revoke them.',
    everything: 'Each equals root. Most programs need a few privileges.',
    'never-used': 'Revoke what nobody needs.',
    unused: 'Revoke what nobody needs any more.',
    'no-expiry': 'A date ends a forgotten token.',
    'no-ips': 'A list of addresses makes a leaked secret worth little.',
  },
  refusals: 'Recent refusals',
  noRefusals: 'Nothing was refused lately.',
  refusalColumns: { when: 'When', who: 'Who', from: 'From', what: 'What', why: 'Why' },
  generate: 'Generate Token',
  manage: 'Manage API Tokens',
  start: 'Where to begin',
  noTokens: 'To see and make API tokens here you need all the Initial Privileges; root can grant them.',
} as const
