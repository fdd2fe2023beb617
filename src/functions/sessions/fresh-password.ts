/** What a person must have proved a short while ago, and not only when the browser was opened this morning. No I/O. */
import type { Caller } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'

const FRESH_MS = 5 * 60_000

/**
 * Throws `password-needed` for a browser session whose password was last proved more than five minutes ago. Other credentials prove
 * themselves with each call, and are never asked.
 */
export function assertPasswordFresh({ credential }: Caller, now: Date): void {
  if (credential.kind === 'session' && now.getTime() - credential.confirmedAt.getTime() > FRESH_MS)
    throw new Failure('password-needed')
}
