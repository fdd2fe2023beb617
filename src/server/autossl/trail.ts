/** What AutoSSL leaves in the trail. It acts for root, by the settings. */
import { type AuditEntry, BY_MACHINE } from '../../audit/entry.ts'
import { maskSecrets } from '../../whm/mask.ts'

/** What went wrong, in one short line. */
export function messageOf(error: unknown): string {
  // Some errors of sockets have a code and no words.
  const text =
    error instanceof Error ? error.message || String('code' in error ? error.code : error.name) : String(error)
  return text.replaceAll(/\s+/g, ' ').slice(0, 500)
}

export function autoSslEntry(
  site: string,
  outcome: AuditEntry['outcome'],
  reason: string,
  details: AuditEntry['details'],
  at: Date,
): AuditEntry {
  return {
    at,
    ...BY_MACHINE,
    function: 'autossl',
    target: site,
    outcome,
    reason: maskSecrets(reason),
    details,
  }
}
