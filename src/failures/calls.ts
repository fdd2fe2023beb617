/** Who may call what, and with which arguments. */
import { cut, quoted, type Wording } from './words.ts'

export const CALL_FAILURES = {
  // Who calls. One wording for every refused credential: WHM, "Access denied" (observed).
  'access-denied': { http: 403, reason: () => 'Access denied' },
  'no-credentials': { http: 401, reason: () => 'No credentials were sent.' },
  // WHM's own status for a missing privilege is not documented; 403 with the envelope is our choice, since clients look for both.
  'privilege-missing': {
    http: 403,
    reason: (d: { function: string; acl: string }) =>
      `Permission denied: ${d.function} requires the privilege ${quoted(d.acl)}.`,
  },
  'not-served-here': { http: 403, reason: (d: { what: string }) => `Permission denied: ${d.what}.` },
  // Which function, which arguments.
  'unknown-function': {
    http: 200,
    reason: (d: { function: string }) =>
      `Unknown app ("${cut(d.function)}") requested for this version (1) of the API.`,
  },
  'argument-missing': {
    http: 200,
    reason: (d: { argument: string }) => `The argument ${quoted(d.argument)} is required.`,
  },
  'argument-invalid': {
    http: 200,
    reason: (d: { argument: string; value: string; problem: string }) =>
      `The argument ${quoted(d.argument)} is not valid: ${quoted(d.value)} ${d.problem}.`,
  },
  'argument-not-understood': {
    http: 200,
    reason: (d: { argument: string; like: string }) =>
      `The argument ${quoted(d.argument)} is not understood. Did you mean ${quoted(d.like)}? It was refused because ignoring it could do more than you meant.`,
  },
  'argument-repeated': {
    http: 200,
    reason: (d: { argument: string }) =>
      `The argument ${quoted(d.argument)} was given more than once with different values.`,
  },
  'arguments-disagree': {
    http: 200,
    reason: (d: { problem: string }) => `The arguments do not fit together: ${d.problem}.`,
  },
  'output-control-invalid': {
    http: 200,
    reason: (d: { argument: string; problem: string }) => `The output control ${quoted(d.argument)} ${d.problem}.`,
  },
  // Functions of hosting accounts: UAPI (observed texts of the first and the third) and API 2.
  'uapi-module-unknown': {
    http: 200,
    reason: (d: { module: string }) => `Failed to load module “Cpanel::API::${cut(d.module)}”: it is not served here.`,
  },
  'uapi-function-unknown': {
    http: 200,
    reason: (d: { module: string; function: string }) =>
      `There is no function ${quoted(d.function)} in the module ${quoted(d.module)}.`,
  },
  'api2-function-unknown': {
    http: 200,
    reason: (d: { module: string; function: string }) =>
      `Could not find function ${quoted(d.function)} in module ${quoted(d.module)}.`,
  },
  'api-version-not-served': {
    http: 200,
    reason: (d: { version: string }) => `API ${quoted(d.version)} is not served here: 2 and 3 (UAPI) are.`,
  },
  'feature-missing': {
    http: 200,
    reason: (d: { feature: string }) => `You do not have the feature ${quoted(d.feature)}.`,
  },
  'token-readonly': {
    http: 403,
    reason: (d: { function: string }) =>
      `Permission denied: this token may only read, and ${d.function} changes something.`,
  },
  'no-account': {
    http: 403,
    reason: (d: { user: string }) => `Permission denied: ${quoted(d.user)} has no hosting account of its own.`,
  },
  'account-not-named': {
    http: 200,
    reason: () => 'Name the account: “cpanel.user”, or in “domain” a domain of it.',
  },
  // Calls within calls.
  'nested-calls': {
    http: 200,
    reason: (d: { function: string }) => `${cut(d.function)} cannot stand within another call of it.`,
  },
  'too-many-calls': {
    http: 200,
    reason: (d: { max: number }) =>
      `One request may call at most ${d.max} functions; this one and those after it were not run.`,
  },
  'replies-too-long': {
    http: 200,
    reason: () => 'The replies to one request are too long together; this call and those after it were not run.',
  },
  'root-only': { http: 200, reason: (d: { what: string }) => `Permission denied: only root may ${d.what}.` },
} as const satisfies Record<string, Wording>
