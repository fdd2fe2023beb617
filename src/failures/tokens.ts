/** API tokens, freezes, and the privileges that a token is given. */
import { cut, quoted, type Wording } from './words.ts'

export const TOKEN_FAILURES = {
  'token-name-taken': {
    http: 200,
    reason: (d: { name: string }) => `You already have an API token named ${quoted(d.name)}.`,
  },
  'token-name-reserved': {
    http: 200,
    reason: (d: { name: string }) => `The token name ${quoted(d.name)} is reserved.`,
  },
  // Several names in one: each of them matters to whoever wanted them ended.
  'token-not-found': {
    http: 200,
    reason: (d: { names: string }) => `You have no API token named “${cut(d.names, 2000)}”.`,
  },
  'rotation-over': {
    http: 200,
    reason: (d: { why: string }) => `The rotation with this key is over: ${d.why}. Use another key to rotate again.`,
  },
  'revoke-final': {
    http: 200,
    reason: (d: { name: string; why: string }) => `The token ${quoted(d.name)} cannot be brought back: it ${d.why}.`,
  },
  'freeze-not-found': {
    http: 200,
    reason: (d: { ids: string }) => `There is no freeze “${cut(d.ids, 500)}” in force.`,
  },
  'privilege-not-held': {
    http: 200,
    reason: (d: { acl: string }) => `You do not hold the privilege ${quoted(d.acl)}, so you cannot give it.`,
  },
  'privilege-unknown': { http: 200, reason: (d: { acl: string }) => `There is no privilege named ${quoted(d.acl)}.` },
  'privilege-root-only': {
    http: 200,
    reason: (d: { acl: string }) => `The privilege ${quoted(d.acl)} is for root alone.`,
  },
  'beyond-own-limits': {
    http: 200,
    reason: (d: { problem: string }) => `A token gives no more than it has itself: ${d.problem}.`,
  },
  'owner-suspended': {
    http: 200,
    reason: (d: { user: string }) => `The account ${quoted(d.user)} is suspended and can have no new token.`,
  },
  'token-may-not': {
    http: 403,
    reason: (d: { what: string }) =>
      `Permission denied: a token that does not hold every privilege may not ${d.what}. Sign in instead.`,
  },
} as const satisfies Record<string, Wording>
