/** What happens to subdomains when the domain that they lie below gets another name. */
import type { Account } from '../../accounts/account.ts'
import { parseDomain } from '../../accounts/domains.ts'
import { assertDomainFree } from '../accounts/free-names.ts'
import type { WriteContext } from '../context.ts'

/** A domain of the account with its former name. */
export type RenamedDomain = { readonly from: string; readonly to: string }

/** A certificate names its site, so that it cannot follow it to another name; the account keeps it. */
async function dropCertificate({ stores, afterCommit, note }: WriteContext, site: string): Promise<void> {
  if (!(await stores.certificates.uninstall(site))) return
  await afterCommit({ kind: 'write-certificate', site })
  note('certificate_uninstalled', site)
}

/**
 * Those below the former main domain lie below the new one afterwards; folders stay. Gives what was renamed, the main domain first.
 * Throws `domain-taken`, and `argument-invalid` for a name that would be too long.
 */
export async function moveSubdomains(
  context: WriteContext,
  account: Account,
  domain: string,
): Promise<readonly RenamedDomain[]> {
  const { stores, note } = context
  const below = (await stores.domains.listOf(account.userId)).filter(({ parent }) => parent === account.domain)
  const renamed = [{ from: account.domain, to: domain }]
  for (const { name } of below) {
    const moved = parseDomain(`${name.slice(0, -account.domain.length)}${domain}`, 'domain')
    await assertDomainFree(context, moved)
    await stores.domains.rename(name, moved, domain)
    await dropCertificate(context, name)
    renamed.push({ from: name, to: moved })
  }
  await dropCertificate(context, account.domain)
  if (below.length > 0) note('subdomains_moved', below.length)
  return renamed
}
