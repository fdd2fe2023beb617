/** Adding to a list of addresses, one record or many. */
import { Failure } from '../../failures.ts'
import type { WriteContext } from '../context.ts'
import { bannedWithin, listOf, readAddresses, requester } from './list-forms.ts'

export type NewRecord = { readonly ip: string; readonly comment: string }

export type Added = {
  readonly list_name: string
  readonly ips_added: readonly string[]
  readonly ips_failed: Readonly<Record<string, string>>
  readonly original_ips_added: readonly string[]
  readonly ip_blocks_removed: number
  /** Postern makes none. */
  readonly iptable_bans_removed: 0
  readonly requester_ip: string
  readonly requester_ip_is_whitelisted: 0 | 1
}

/** An address that comes to the allow list is no longer banned. Throws when not one of them can be read. */
export async function addRecords(context: WriteContext, name: string, records: readonly NewRecord[]): Promise<Added> {
  const { stores, caller, now, services } = context
  const { read, failed } = readAddresses(records.map(({ ip }) => ip))
  if (read.length === 0) {
    const value = records[0]?.ip ?? ''
    throw new Failure('argument-invalid', { argument: 'ip', value, problem: 'is not an IP address or a range of them' })
  }
  const comments = new Map(records.map(({ ip, comment }) => [ip, comment]))
  const added: string[] = []
  for (const { sent, rules } of read)
    for (const { text } of rules) {
      const entry = { rule: text, comment: comments.get(sent) ?? '', addedAt: now, addedBy: caller.user }
      await stores.protection.addEntry(listOf(name), entry)
      added.push(text)
    }
  const freed =
    name === 'white'
      ? await bannedWithin(
          stores,
          read.flatMap(({ rules }) => rules),
          now,
        )
      : []
  if (freed.length > 0) await stores.protection.removeHistory(freed)
  await stores.protection.raiseVersion()
  context.onCommit(() => services.protection.reload())
  context.note('addresses', added)
  return {
    list_name: name,
    ips_added: added,
    ips_failed: failed,
    original_ips_added: read.map(({ sent }) => sent),
    ip_blocks_removed: freed.length,
    iptable_bans_removed: 0,
    ...(await requester(context, stores)),
  }
}
