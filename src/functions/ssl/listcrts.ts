import type { Account } from '../../accounts/account.ts'
import { optional } from '../../whm/params.ts'
import { switchOf, userName } from '../accounts/forms.ts'
import { listAccountsInReach, loadAccount } from '../accounts-in-reach.ts'
import type { ReadContext } from '../context.ts'
import { defineRead } from '../define.ts'
import { whmCertificate } from './shown.ts'

export const listcrts = defineRead({
  name: 'listcrts',
  group: 'Certificates',
  summary: 'List the certificates that your accounts have, installed or not; no keys.',
  source: 'WHM API 1, "List SSL certificates"',
  acl: 'ssl-info',
  params: {
    user: optional(userName({ doc: 'Only those of this account.' })),
    registered: optional(switchOf({ doc: '1: only those that have an owner, which is every one here.' })),
  },
  failures: ['account-not-found'],
  v0: 'plain',
  async run(context, { user }) {
    const { stores } = context
    const accounts = await accountsOf(context, user)
    const names = new Map(accounts.map((account) => [account.userId, account.user]))
    const installed = new Set((await stores.certificates.listInstalled({})).map(({ certificate }) => certificate.id))
    const [only] = user === undefined ? [] : accounts
    const certificates = await stores.certificates.listCertificates(only === undefined ? {} : { userId: only.userId })
    const crt = []
    for (const certificate of certificates) {
      const owner = names.get(certificate.userId)
      if (owner === undefined) continue
      const shown = whmCertificate(certificate)
      crt.push({
        ...shown,
        domain: shown.domains[0] ?? '',
        domain_owners: shown.domains.map(() => owner),
        friendly_name: certificate.friendlyName,
        is_installed: installed.has(certificate.id) ? 1 : 0,
        registered: 1,
        user: owner,
      })
    }
    return { data: { crt } }
  },
})

async function accountsOf({ stores, caller }: ReadContext, user: string | undefined): Promise<readonly Account[]> {
  return user === undefined ? listAccountsInReach(stores, caller) : [await loadAccount(stores, caller, user)]
}
