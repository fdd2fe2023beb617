/** Gathers what the report is made of. */
import type { Caller } from '../../acl/caller.ts'
import type { Stores } from '../context.ts'
import type { WhmFunction } from '../define.ts'
import { tokensInSight, watched } from '../tokens/in-sight.ts'
import { UNUSED_PRIVILEGE_DAYS } from '../tokens/unused-privileges.ts'
import type { ViewTime, WatchedToken } from '../tokens/views.ts'
import { type Finding, findingsIn } from './findings.ts'

const DAY_MS = 86_400_000

export type Report = { readonly tokens: readonly WatchedToken[]; readonly findings: readonly Finding[] }

/** Over the tokens of `owner`, or all that the caller may look at. Revoked ones are not part of it. */
export async function makeReport(
  stores: Stores,
  caller: Pick<Caller, 'userId' | 'user' | 'privileges'>,
  owner: string | undefined,
  catalogue: readonly WhmFunction[],
  time: ViewTime,
): Promise<Report> {
  const tokens = await watched(stores, await tokensInSight(stores, caller, owner, undefined))
  const since = new Date(time.now.getTime() - UNUSED_PRIVILEGE_DAYS * DAY_MS)
  const usedBy = await stores.ledger.functionsUsed(
    tokens.map(({ token }) => token.id),
    since,
  )
  return { tokens, findings: findingsIn(tokens, usedBy, catalogue, time) }
}
