/**
 * Hosting accounts and resellers, and the packages and limits they are under. “Not yours” and “does
 * not exist” are one answer on purpose.
 */
import { cut, quoted, type Wording } from './words.ts'

export const ACCOUNT_FAILURES = {
  'account-not-found': { http: 200, reason: (d: { user: string }) => `You have no account named ${quoted(d.user)}.` },
  'domain-not-found': {
    http: 200,
    reason: (d: { domain: string }) => `You have no account with the domain ${quoted(d.domain)}.`,
  },
  'username-invalid': {
    http: 200,
    reason: (d: { user: string; problem: string }) => `The username ${quoted(d.user)} is not valid: it ${d.problem}.`,
  },
  // WHM, createacct: observed text.
  'username-reserved': { http: 200, reason: (d: { user: string }) => `${quoted(d.user)} is a reserved username.` },
  'username-taken': {
    http: 200,
    reason: (d: { user: string; by: string }) => `The username ${quoted(d.user)} is not available: ${d.by}.`,
  },
  'account-locked': {
    http: 200,
    reason: (d: { user: string }) => `The suspension of ${quoted(d.user)} is locked; only root may undo it.`,
  },
  'account-suspended': { http: 200, reason: (d: { user: string }) => `The account ${quoted(d.user)} is suspended.` },
  'reseller-not-found': { http: 200, reason: (d: { user: string }) => `There is no reseller named ${quoted(d.user)}.` },
  'acl-list-not-found': { http: 200, reason: (d: { list: string }) => `There is no ACL list named ${quoted(d.list)}.` },
  'privileges-empty': {
    http: 200,
    reason: (d: { user: string }) =>
      `Nothing was changed: the arguments name no privilege, and that would strip every privilege from ${quoted(d.user)}. If you mean it, add postern_remove_all=1.`,
  },
  // WHM's own text (observed).
  'package-not-found': {
    http: 200,
    reason: (d: { package: string }) => `The package ${quoted(d.package)} does not exist.`,
  },
  'package-taken': {
    http: 200,
    reason: (d: { package: string }) => `There is a package named ${quoted(d.package)} already.`,
  },
  'package-in-use': {
    http: 200,
    reason: (d: { package: string; accounts: number }) =>
      `The package ${quoted(d.package)} cannot be removed: accounts on it: ${d.accounts}.`,
  },
  'feature-list-not-found': {
    http: 200,
    reason: (d: { list: string }) => `There is no feature list named ${quoted(d.list)}.`,
  },
  'feature-list-taken': {
    http: 200,
    reason: (d: { list: string }) => `There is a feature list named ${quoted(d.list)} already.`,
  },
  'feature-list-in-use': {
    http: 200,
    reason: (d: { list: string; by: string }) => `The feature list ${quoted(d.list)} cannot be removed: ${d.by}.`,
  },
  'reseller-limit-reached': {
    http: 200,
    reason: (d: { user: string; limit: string }) =>
      `The reseller ${quoted(d.user)} would go beyond ${cut(d.limit, 200)}.`,
  },
  'account-limit-reached': {
    http: 200,
    reason: (d: { what: string; limit: string }) => `The limit of the account is reached: ${d.what}: ${d.limit}.`,
  },
  'no-free-address': { http: 200, reason: () => 'The server has no free IP address for an account of its own.' },
  'address-not-available': {
    http: 200,
    reason: (d: { ip: string; problem: string }) => `The IP address ${quoted(d.ip)} cannot be given: ${d.problem}.`,
  },
} as const satisfies Record<string, Wording>
