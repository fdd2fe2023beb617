/**
 * Every failure Postern can answer with: its code, HTTP status and wording. This table is the only place with words for
 * clients. A `Failure` may be thrown at any depth; `whm/reply.ts` turns it into the caller's wire format. Whatever is not a
 * `Failure` is a bug or an outage and reaches the client as `internal`, with the request id and nothing else.
 *
 * WHM answers a function that failed with HTTP 200 and `metadata.result` 0 (documented); other statuses are noted beside their row.
 */

type Wording = { readonly http: number; readonly reason: (details: never) => string }

/** What a client sends wrong is quoted back in curly quotes, cut so that a reply stays small. */
const cut = (value: string, max = 100): string => (value.length > max ? `${value.slice(0, max)}…` : value)
const quoted = (value: string): string => `“${cut(value)}”`

const failures = {
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
      `The argument ${quoted(d.argument)} is not understood. Did you mean ${quoted(d.like)}? It was refused because ignoring it could give more than you meant.`,
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
  'api1-not-served': { http: 200, reason: () => 'The functions of API 1 are not served here.' },
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
  // Tokens.
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

  // Alerts.
  'alert-not-found': { http: 200, reason: (d: { id: number }) => `You have no alert with the number ${d.id}.` },
  'mute-not-found': { http: 200, reason: (d: { id: number }) => `You have no mute with the number ${d.id}.` },

  // Accounts and resellers. "Not yours" and "does not exist" are one answer on purpose.
  'account-not-found': { http: 200, reason: (d: { user: string }) => `You have no account named ${quoted(d.user)}.` },
  'domain-not-found': {
    http: 200,
    reason: (d: { domain: string }) => `You have no account with the domain ${quoted(d.domain)}.`,
  },
  // UAPI, DNS::parse_zone: observed text. "Not yours" and "does not exist" are one answer here too.
  'zone-not-found': {
    http: 200,
    reason: (d: { zone: string }) => `You do not control a DNS zone named ${cut(d.zone, 260)}.`,
  },
  'zone-line-not-found': {
    http: 200,
    reason: (d: { zone: string; line: number }) =>
      `The zone ${quoted(d.zone)} has no record that begins on line ${d.line}.`,
  },
  // Clients look for “serial” (observed).
  'zone-serial-stale': {
    http: 200,
    reason: (d: { zone: string }) =>
      `This is not the serial number of the zone ${quoted(d.zone)} any more: it was changed meanwhile. Read it again.`,
  },
  'zone-edit-refused': {
    http: 200,
    reason: (d: { zone: string; problem: string }) =>
      `The zone ${quoted(d.zone)} was not changed: ${cut(d.problem, 600)}.`,
  },
  'zone-taken': { http: 200, reason: (d: { zone: string }) => `There is a DNS zone named ${quoted(d.zone)} already.` },
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
  'domain-taken': {
    http: 200,
    reason: (d: { domain: string }) => `The domain ${quoted(d.domain)} is already in use on this server.`,
  },
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
  'account-locked': {
    http: 200,
    reason: (d: { user: string }) => `The suspension of ${quoted(d.user)} is locked; only root may undo it.`,
  },
  'user-not-found': { http: 200, reason: (d: { user: string }) => `There is no user named ${quoted(d.user)}.` },
  'account-suspended': { http: 200, reason: (d: { user: string }) => `The account ${quoted(d.user)} is suspended.` },

  // Signing in. The words that a browser sees; the trail has the exact reason.
  'tfa-required': { http: 401, reason: () => 'A two-factor code is needed.' },
  'tfa-code-wrong': { http: 200, reason: () => 'The two-factor code was not accepted. Each code works once.' },
  'tfa-not-set-up': { http: 200, reason: (d: { user: string }) => `${quoted(d.user)} has no two-factor set-up.` },
  'token-may-not': {
    http: 403,
    reason: (d: { what: string }) =>
      `Permission denied: a token that does not hold every privilege may not ${d.what}. Sign in instead.`,
  },
  'service-not-open': {
    http: 200,
    reason: (d: { service: string }) => `The service ${quoted(d.service)} is not open on this server.`,
  },
  'reseller-not-found': { http: 200, reason: (d: { user: string }) => `There is no reseller named ${quoted(d.user)}.` },
  'acl-list-not-found': { http: 200, reason: (d: { list: string }) => `There is no ACL list named ${quoted(d.list)}.` },
  'privileges-empty': {
    http: 200,
    reason: (d: { user: string }) =>
      `Nothing was changed: the arguments name no privilege, and that would strip every privilege from ${quoted(d.user)}. If you mean it, add postern_remove_all=1.`,
  },
  // Mail.
  'mailbox-not-found': {
    http: 200,
    reason: (d: { address: string }) => `You have no mailbox with the address ${quoted(d.address)}.`,
  },
  'mailbox-taken': {
    http: 200,
    reason: (d: { address: string }) => `There is a mailbox with the address ${quoted(d.address)} already.`,
  },
  'forwarder-not-found': {
    http: 200,
    reason: (d: { address: string; forwarder: string }) =>
      `The mail of ${quoted(d.address)} is not forwarded to ${quoted(d.forwarder)}.`,
  },
  // Packages and what stands beside them. The first text is WHM's own (observed).
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
  // Certificates.
  'certificate-refused': {
    http: 200,
    reason: (d: { problem: string }) => `This cannot be used: ${cut(d.problem, 500)}.`,
  },
  'certificate-not-found': {
    http: 200,
    reason: (d: { domain: string }) => `No certificate is installed for ${quoted(d.domain)}.`,
  },
  'autossl-off': {
    http: 200,
    reason: (d: { why: string }) => `No certificate is had automatically: ${d.why}.`,
  },
  'key-not-found': { http: 200, reason: (d: { id: string }) => `There is no key with the id ${quoted(d.id)}.` },
  'root-only': { http: 200, reason: (d: { what: string }) => `Permission denied: only root may ${d.what}.` },
  'host-failed': {
    http: 200,
    reason: (d: { what: string }) => `The machine could not ${d.what}. Nothing was changed.`,
  },

  // Databases of accounts.
  'mysql-not-configured': { http: 200, reason: () => 'No database server is configured on this server.' },
  'mysql-unavailable': {
    http: 200,
    reason: () => 'The database server cannot be reached at the moment. Nothing was changed; try again in a moment.',
  },
  'mysql-failed': { http: 200, reason: (d: { what: string }) => `The database server would not ${cut(d.what, 300)}.` },
  'mysql-name-taken': {
    http: 200,
    reason: (d: { name: string }) => `The name ${quoted(d.name)} is already in use on the database server.`,
  },
  'mysql-database-not-found': {
    http: 200,
    reason: (d: { name: string }) => `You have no database named ${quoted(d.name)}.`,
  },
  'mysql-user-not-found': {
    http: 200,
    reason: (d: { name: string }) => `You have no database user named ${quoted(d.name)}.`,
  },

  'archive-too-large': {
    http: 200,
    reason: (d: { home: string }) =>
      `There is not enough room on the disk for an archive of ${quoted(d.home)}. Nothing was changed.`,
  },

  // The request itself.
  'request-malformed': { http: 400, reason: (d: { problem: string }) => `The request cannot be read: ${d.problem}.` },
  'not-found': { http: 404, reason: () => 'There is nothing at this address.' },
  'method-not-allowed': { http: 405, reason: () => 'Only GET and POST are answered here.' },
  'body-too-large': { http: 413, reason: (d: { maxBytes: number }) => `The body is larger than ${d.maxBytes} bytes.` },
  'body-type-unsupported': {
    http: 415,
    reason: () => 'The body must be a form or UTF-8 JSON, without a content encoding.',
  },
  'expectation-failed': { http: 417, reason: () => 'Only "Expect: 100-continue" is understood.' },
  'head-too-long': {
    http: 431,
    reason: (d: { maxLines: number }) => `The request has more than ${d.maxLines} header lines.`,
  },

  // WHM, the record functions of cPHulk (documented text).
  'protection-disabled': { http: 200, reason: () => 'cPHulk is disabled on the server.' },
  // Too many wrong credentials from an address, or for a user. WHM's own words and status are not documented; this is our choice.
  'too-many-attempts': {
    http: 429,
    reason: (d: { seconds: number }) => `Too many failed attempts. Try again in ${d.seconds} seconds.`,
  },

  // The state of the server. Never "access denied": the credential is not what is wrong.
  'storage-full': { http: 503, reason: () => 'The change cannot be saved: the disk is full.' },
  'storage-busy': { http: 503, reason: () => 'The database is busy with another change. Try again in a moment.' },
  'storage-unavailable': {
    http: 503,
    reason: () => 'The database cannot be reached at the moment. Nothing was changed; try again in a moment.',
  },
  'storage-damaged': { http: 503, reason: () => 'The database is damaged; no change is accepted.' },
  'commit-unknown': {
    http: 503,
    reason: () =>
      'The connection to the database broke while the change was being saved; look whether it was made before you repeat it.',
  },
  overloaded: { http: 503, reason: () => 'The server is busy. Try again in a moment.' },
  'timed-out': { http: 503, reason: () => 'The call took too long.' },
  internal: {
    http: 500,
    reason: (d: { requestId: string }) =>
      `Something went wrong here. Quote the request id ${d.requestId} to the administrator.`,
  },
} as const satisfies Record<string, Wording>

export const FAILURES: typeof failures = failures

export type FailureCode = keyof typeof FAILURES
export type FailureDetails<C extends FailureCode> =
  Parameters<(typeof FAILURES)[C]['reason']> extends [infer D] ? D : undefined

/** A known refusal on its way to the client. Details are typed by the code, and are shown to the client: never put a secret in. */
export class Failure<C extends FailureCode = FailureCode> extends Error {
  readonly code: C
  readonly http: number
  /** When to come again, where that is known. */
  readonly retryAfterSeconds: number | undefined
  constructor(
    code: C,
    ...rest: FailureDetails<C> extends undefined
      ? [details?: undefined, options?: ErrorOptions]
      : [details: FailureDetails<C>, options?: ErrorOptions]
  ) {
    const [details, options] = rest
    // The code picked the row, so its `reason` takes these details.
    const word = FAILURES[code].reason as (details: unknown) => string
    super(word(details), options)
    this.name = 'Failure'
    this.code = code
    this.http = FAILURES[code].http
    this.retryAfterSeconds = secondsIn(code, details)
  }
}

function secondsIn(code: FailureCode, details: unknown): number | undefined {
  if (FAILURES[code].http === 503) return 1
  // The details of this code, by its row in the table.
  return code === 'too-many-attempts' ? (details as FailureDetails<'too-many-attempts'>).seconds : undefined
}
