/** Users, passwords, second factors and browser sessions. These are the words that a browser sees; the trail has the exact reason. */
import { quoted, type Wording } from './words.ts'

export const SIGN_IN_FAILURES = {
  'user-not-found': { http: 200, reason: (d: { user: string }) => `There is no user named ${quoted(d.user)}.` },
  'password-invalid': {
    http: 200,
    reason: (d: { problem: string }) => `The password is not accepted: it ${d.problem}.`,
  },
  // Told apart from a refused credential: the session is good, and the page asks for the password and goes on.
  'password-needed': {
    http: 200,
    reason: () => 'Your password is needed again: it was last proved more than five minutes ago.',
  },
  'password-wrong': { http: 200, reason: () => 'The password is not right.' },
  'session-only': { http: 200, reason: () => 'This is for browser sessions alone.' },
  'session-not-found': { http: 200, reason: (d: { session: string }) => `There is no session ${quoted(d.session)}.` },
  'tfa-required': { http: 401, reason: () => 'A two-factor code is needed.' },
  'tfa-code-wrong': { http: 200, reason: () => 'The two-factor code was not accepted. Each code works once.' },
  'tfa-not-set-up': { http: 200, reason: (d: { user: string }) => `${quoted(d.user)} has no two-factor set-up.` },
  'service-not-open': {
    http: 200,
    reason: (d: { service: string }) => `The service ${quoted(d.service)} is not open on this server.`,
  },
} as const satisfies Record<string, Wording>
