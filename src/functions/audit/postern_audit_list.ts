import { type Caller, holdsEverything } from '../../acl/caller.ts'
import type { AuditFilter, Outcome, StoredAuditEntry } from '../../audit/entry.ts'
import { Failure } from '../../failures.ts'
import { formatAddress, parseAddress } from '../../ip-rules/address.ts'
import { optional, text, unixSeconds, type Values, wholeNumber } from '../../whm/params.ts'
import type { Stores } from '../context.ts'
import { defineRead } from '../define.ts'

const LIMIT_DEFAULT = 100

const params = {
  caller: optional(
    text({ doc: 'Entries of this caller, or of the name that a refused one claimed.', max: 200, aliases: ['user'] }),
  ),
  token: optional(text({ doc: 'Entries of the token with this public id or name.', max: 100 })),
  function: optional(text({ doc: 'Calls of this function.', max: 100 })),
  address: optional(text({ doc: 'Calls from this address, in any spelling of it.', max: 100 })),
  outcome: optional(
    text({
      doc: 'done, failed or refused.',
      only: /^(?:done|failed|refused)$/,
      onlyProblem: 'is neither done, failed nor refused',
    }),
  ),
  target: optional(text({ doc: 'Changes of this account, token or list, as the entry names it.', max: 4000 })),
  since: optional(unixSeconds({ doc: 'From this moment on.' })),
  until: optional(unixSeconds({ doc: 'Before this moment.' })),
  before: optional(
    wholeNumber({ doc: 'Older than the entry with this number: `next_before` of the page before.', min: 1 }),
  ),
  limit: optional(
    wholeNumber({ doc: `At most so many entries, the newest. Absent: ${LIMIT_DEFAULT}.`, min: 1, max: 1000 }),
  ),
}

/** Whoever does not hold `all` sees the entries under their own name alone, and none from before the account was made. */
export const posternAuditList = defineRead({
  name: 'postern_audit_list',
  group: 'Audit trail',
  summary: 'Read the audit trail, newest first: all of it for root, your own entries otherwise.',
  source: 'Postern',
  acl: ['all', 'manage-api-tokens'],
  params,
  failures: [],
  v0: 'none',
  async run({ caller, stores, services }, values) {
    const filter = await withinReach(stores, caller, filterAskedFor(values))
    if (filter === undefined) return { data: { entries: [], next_before: null } }
    // What was refused a moment ago may still wait to be written.
    await services.flushTrail()
    // One entry more than asked for tells whether there is a next page.
    const found = await stores.audit.list({ ...filter, limit: filter.limit + 1 })
    const entries = found.slice(0, filter.limit)
    const nextBefore = found.length > entries.length ? (entries.at(-1)?.seq ?? null) : null
    return { data: { entries: entries.map(listedEntry), next_before: nextBefore } }
  },
})

function filterAskedFor(values: Values<typeof params>): AuditFilter {
  return {
    caller: values.caller,
    token: values.token,
    function: values.function,
    address: values.address === undefined ? undefined : canonicalAddress(values.address),
    // The pattern of the parameter lets nothing else pass.
    outcome: values.outcome as Outcome | undefined,
    target: values.target,
    since: values.since === 'never' ? undefined : values.since,
    until: values.until === 'never' ? undefined : values.until,
    beforeSeq: values.before,
    limit: values.limit ?? LIMIT_DEFAULT,
  }
}

function canonicalAddress(value: string): string {
  const address = parseAddress(value)
  if (address === undefined) {
    throw new Failure('argument-invalid', { argument: 'address', value, problem: 'is not an IP address' })
  }
  return formatAddress(address)
}

/** The filter cut to what the caller may see; undefined when nothing is left. */
async function withinReach(stores: Stores, caller: Caller, filter: AuditFilter): Promise<AuditFilter | undefined> {
  if (holdsEverything(caller)) return filter
  if (filter.caller !== undefined && filter.caller !== caller.user) return undefined
  // A name is free again when its account is removed, so older entries may be another person's.
  const madeAt = (await stores.accounts.findAccount(caller.user))?.createdAt
  const isLater = madeAt !== undefined && (filter.since === undefined || filter.since < madeAt)
  return { ...filter, caller: caller.user, since: isLater ? madeAt : filter.since }
}

function listedEntry(entry: StoredAuditEntry) {
  return {
    seq: entry.seq,
    time: Math.floor(entry.at.getTime() / 1000),
    time_ms: entry.at.getTime(),
    request_id: entry.requestId,
    caller: entry.caller,
    credential: entry.credential,
    token_id: entry.tokenId ?? null,
    token_name: entry.tokenName ?? null,
    address: entry.address ?? null,
    function: entry.function,
    target: entry.target,
    outcome: entry.outcome,
    reason: entry.reason,
    details: entry.details,
  }
}
