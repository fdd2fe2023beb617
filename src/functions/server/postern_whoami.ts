import { holds } from '../../acl/caller.ts'
import { INITIAL_PRIVILEGES } from '../../acl/catalogue.ts'
import { defineRead } from '../define.ts'

/** Open to every credential: a client learns what its own token is, and a page what to show, in one call. */
export const posternWhoami = defineRead({
  name: 'postern_whoami',
  group: 'Server',
  summary:
    'Tell who you are, what you may do with this credential, and the facts of this server that a date or link depends on.',
  source: 'Postern',
  acl: false,
  params: {},
  failures: [],
  v0: 'none',
  run: ({ caller, now, services: { facts } }) => ({
    data: {
      user: caller.user,
      kind: caller.kind,
      credential: caller.credential.kind,
      address: caller.address ?? null,
      privileges: [...caller.privileges],
      // WHM, Manage API Tokens: the page is for root and for resellers who hold all of these.
      initial_privileges: INITIAL_PRIVILEGES.every((acl) => holds(caller, acl)) ? 1 : 0,
      server: {
        hostname: facts.hostname,
        timezone: facts.timezone,
        now: Math.floor(now.getTime() / 1000),
        expires_soon_seconds: facts.expiresSoonSeconds,
      },
    },
  }),
})
