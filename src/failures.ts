/**
 * Every failure Postern can answer with: its code, HTTP status and wording. The files in `failures/` are the
 * only place with words for clients. A `Failure` may be thrown at any depth; `whm/reply.ts` turns it into the caller's wire format. Whatever is not a
 * `Failure` is a bug or an outage and reaches the client as `internal`, with the request id and nothing else.
 *
 * WHM answers a function that failed with HTTP 200 and `metadata.result` 0 (documented); other statuses are noted beside their row.
 */
import { ACCOUNT_FAILURES } from './failures/accounts.ts'
import { CALL_FAILURES } from './failures/calls.ts'
import { HOSTING_FAILURES } from './failures/hosting.ts'
import { PROTECTION_FAILURES } from './failures/protection.ts'
import { SERVER_FAILURES } from './failures/server.ts'
import { SIGN_IN_FAILURES } from './failures/sign-in.ts'
import { TOKEN_FAILURES } from './failures/tokens.ts'

/** The table: each code with its HTTP status and its sentence. No code may stand in two of the files. */
export const FAILURES = {
  ...CALL_FAILURES,
  ...TOKEN_FAILURES,
  ...ACCOUNT_FAILURES,
  ...SIGN_IN_FAILURES,
  ...HOSTING_FAILURES,
  ...PROTECTION_FAILURES,
  ...SERVER_FAILURES,
}

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
