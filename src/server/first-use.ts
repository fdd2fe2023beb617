/**
 * The first use of the secret that a rotation made: it is noted once, over all nodes, and ends the secrets that were to work only until
 * then. Where it cannot be saved the call is served all the same, and the next one tries again: a rotation must not lock anybody out.
 */
import type { AuditEntry } from '../audit/entry.ts'
import type { Stores } from '../functions/context.ts'
import type { EventLog } from './event-log.ts'
import type { LiveToken } from './live-tokens.ts'

type Write = (work: (stores: Stores) => Promise<void>, options: { readonly urgent: boolean }) => Promise<void>

/** Gives what `authenticate` calls; calls at the same time share one change. */
export function makeFirstUse(
  write: Write,
  log: EventLog,
): (token: LiveToken, address: string, nowMs: number) => Promise<void> {
  const underWay = new Map<string, Promise<void>>()
  return (token, address, nowMs) => {
    const key = `${token.id}/${token.secret.number}`
    const running = underWay.get(key)
    if (running !== undefined) return running
    // Urgent, since it ends access: it goes before other changes, and works on a full disk.
    const noted = write((stores) => noteFirstUse(stores, token, address, new Date(nowMs)), { urgent: true })
      .catch((error: unknown) => log.warn({ error }, 'the first use of a new secret could not be saved'))
      .finally(() => underWay.delete(key))
    underWay.set(key, noted)
    return noted
  }
}

async function noteFirstUse(stores: Stores, token: LiveToken, address: string, now: Date): Promise<void> {
  if (!(await stores.secrets.claimFirstUse(token.id, token.secret.number))) return
  const old = await stores.secrets.listOld(token.id)
  const ends = old
    .filter((secret) => secret.endsWithFirstUse && secret.endedAt === undefined)
    .map(({ number }) => number)
  await stores.secrets.end(token.id, ends, now, 'first-use')
  await stores.audit.append([entryOf(token, address, now, ends)])
}

function entryOf(token: LiveToken, address: string, now: Date, ended: readonly number[]): AuditEntry {
  return {
    at: now,
    requestId: '',
    caller: token.owner.user,
    credential: 'token',
    tokenId: token.id,
    tokenName: token.name,
    address: address === '' ? undefined : address,
    function: 'secret-first-use',
    target: token.id,
    outcome: 'done',
    reason: 'OK',
    details: { secret_number: token.secret.number, ended_secrets: ended.map(String) },
  }
}
