/** What happens to mail when something happens to its account. The machine follows after the commit. */
import { Failure } from '../../failures.ts'
import { isTooLong } from '../../hosting/mail/address.ts'
import { addressOf } from '../../hosting/mail/mail.ts'
import type { WriteContext } from '../context.ts'
import type { RenamedDomain } from '../domains/subdomains.ts'

/** Tells the mail servers how it stands with the mail of the account now. */
export async function writeMailOf({ stores, afterCommit }: WriteContext, userId: number): Promise<void> {
  const domains = await stores.mail.domainsOf(userId)
  if (domains.length > 0) await afterCommit({ kind: 'write-mail', domains })
}

/** Ends every mailbox and forwarder of the account; the mail itself goes with its folder. */
export async function endMailOf({ stores, afterCommit }: WriteContext, userId: number): Promise<void> {
  const domains = await stores.mail.domainsOf(userId)
  if (domains.length === 0) return
  await stores.mail.removeAllOf(userId)
  await afterCommit({ kind: 'write-mail', domains })
}

/**
 * After a change of the account: addresses below a renamed domain get the new one, and the files follow. `home` is the folder's name
 * after the change; the task that renames it must have been added before. Throws `argument-invalid` for a domain under which an address
 * would be too long.
 */
export async function mailFollows(
  context: WriteContext,
  { userId, home }: { readonly userId: number; readonly home: string },
  renamed: readonly RenamedDomain[],
): Promise<void> {
  const { stores, afterCommit } = context
  const withMail = await stores.mail.domainsOf(userId)
  for (const { from, to } of renamed.filter((domain) => withMail.includes(domain.from))) {
    await assertAddressesFit(context, userId, from, to)
    await stores.mail.renameDomain(userId, from, to)
    await afterCommit({ kind: 'move-mail', home, from, to })
  }
  const domains = [...new Set([...withMail, ...(await stores.mail.domainsOf(userId))])]
  if (domains.length > 0) await afterCommit({ kind: 'write-mail', domains })
}

async function assertAddressesFit({ stores }: WriteContext, userId: number, from: string, to: string): Promise<void> {
  const addresses = [...(await stores.mail.listMailboxes(userId)), ...(await stores.mail.listForwarders(userId))]
  const long = addresses.find(({ domain, localPart }) => domain === from && isTooLong({ localPart, domain: to }))
  if (long !== undefined)
    throw new Failure('argument-invalid', {
      argument: 'domain',
      value: to,
      problem: `is too long for the address ${addressOf({ localPart: long.localPart, domain: from })}, which would come to lie below it`,
    })
}
