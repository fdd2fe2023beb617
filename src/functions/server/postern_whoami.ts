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
      server: {
        hostname: facts.hostname,
        timezone: facts.timezone,
        now: Math.floor(now.getTime() / 1000),
        expires_soon_seconds: facts.expiresSoonSeconds,
      },
    },
  }),
})
