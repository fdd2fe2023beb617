import { parseDomain } from '../../../accounts/domains.ts'
import { Failure } from '../../../failures.ts'
import { flag, optional, text } from '../../../whm/params.ts'
import { domainName } from '../../accounts/forms.ts'
import { assertDomainFree, assertHomesSettled } from '../../accounts/free-names.ts'
import type { WriteContext } from '../../context.ts'
import { sitesOf } from '../../domains/domain-facts.ts'
import { addSubdomainRecords } from '../../zones/account-zones.ts'
import { findZoneOver } from '../../zones/change-zone.ts'
import { defineUapiWrite, type OnAccount } from '../define.ts'
import { documentRootOf } from './document-root.ts'

/** First parts of names that the services of an account answer to. */
const TAKEN_LABELS = new Set(
  'www mail ftp cpanel webmail whm webdisk cpcontacts cpcalendars autoconfig autodiscover localhost'.split(' '),
)

export const subDomainAddsubdomain = defineUapiWrite({
  module: 'SubDomain',
  function: 'addsubdomain',
  summary: 'Add a subdomain to the account, with the folder of its pages and its addresses in the zone.',
  source: 'UAPI, "Create subdomain"',
  feature: 'subdomains',
  params: {
    domain: text({ doc: 'What stands before the root domain; it may have dots.', min: 1, max: 200 }),
    rootdomain: domainName({ doc: 'The domain of the account that it lies below.' }),
    dir: optional(
      text({ doc: 'The folder of its pages inside the account’s; the name of the subdomain when absent.', max: 1024 }),
    ),
    canoff: optional(flag({ doc: 'Taken as old clients send it; has no effect.' })),
    disallowdot: optional(flag({ doc: '1 leaves dots in `domain` out.' })),
  },
  failures: [
    'argument-missing',
    'domain-not-found',
    'domain-taken',
    'account-limit-reached',
    'zone-edit-refused',
    'host-failed',
  ],
  audit: ({ domain, rootdomain }) => `${domain}.${rootdomain ?? ''}`,
  async run(context, { domain: label, rootdomain, dir, disallowdot }) {
    const { account, stores, now, note } = context
    if (rootdomain === undefined) throw new Failure('argument-missing', { argument: 'rootdomain' })
    const sites = sitesOf(account, await stores.domains.listOf(account.userId))
    if (!sites.some(({ name }) => name === rootdomain)) throw new Failure('domain-not-found', { domain: rootdomain })
    const name = parseDomain(`${disallowdot ? label.replaceAll('.', '') : label}.${rootdomain}`, 'domain')
    if (TAKEN_LABELS.has(name.slice(0, name.indexOf('.')))) throw new Failure('domain-taken', { domain: name })
    await assertNoForeignZone(context, name, rootdomain)
    await assertDomainFree(context, name, account)
    await assertRoom(context)
    const documentRoot = documentRootOf(dir, name)
    await assertHomesSettled(context, [account.home])
    context.onRollback(await context.services.host.makeFolder(account.home, documentRoot))
    const made = { name, userId: account.userId, type: 'sub_domain' as const, parent: rootdomain, documentRoot }
    await stores.domains.insert(made, now)
    await addSubdomainRecords(context, account, name)
    note('document_root', documentRoot)
    return { data: null }
  },
})

/** A zone of somebody else at the name, or between it and the root domain, answers for it: its own records would never be asked. */
async function assertNoForeignZone({ account, stores }: WriteContext & OnAccount, name: string, rootdomain: string) {
  const zone = await findZoneOver(stores, name)
  if (zone !== undefined && zone.ownerId !== account.userId && zone.name.endsWith(`.${rootdomain}`))
    throw new Failure('domain-taken', { domain: name })
}

async function assertRoom({ account, stores }: WriteContext & OnAccount): Promise<void> {
  const limit = account.limits.MAXSUB ?? 'unlimited'
  if (limit === 'unlimited') return
  if ((await stores.domains.countOf(account.userId, 'sub_domain')) >= Number(limit))
    throw new Failure('account-limit-reached', { what: 'subdomains', limit })
}
