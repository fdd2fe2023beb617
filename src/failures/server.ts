/** Requests that cannot be read, and the state of the server. Never “access denied”: the credential is not what is wrong. */
import type { Wording } from './words.ts'

export const SERVER_FAILURES = {
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
  // The state of the server.
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
