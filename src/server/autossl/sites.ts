/** The sites of accounts that AutoSSL cares for. */
import type { Account } from '../../accounts/account.ts'
import type { NewAlert } from '../../alerts/alert.ts'
import type { Stores } from '../../functions/context.ts'
import { type Vhost, vhostsOf } from '../../functions/ssl/vhosts.ts'
import { byUrgency, isDue, pickForRound } from '../../hosting/certificates/renewal.ts'
import type { CertificateStore } from '../../hosting/certificates/store.ts'

/** The sites to try in a round, by account, the most urgent first; those of suspended accounts wait. */
export async function dueSites(stores: Stores, now: Date): Promise<readonly (readonly Vhost[])[]> {
  const accounts = (await stores.accounts.listAccounts(undefined)).filter(({ suspension }) => suspension === undefined)
  const further = Map.groupBy(await stores.domains.listOwned(undefined), ({ userId }) => userId)
  const states = new Map((await stores.autoSsl.list()).map((state) => [state.site, state]))
  const shown = new Map((await stores.autoSsl.listShown()).map((one) => [one.site, one]))
  const statesOf = Map.groupBy(states.values(), ({ userId }) => userId)
  const candidate = (vhost: Vhost) => ({ vhost, shown: shown.get(vhost.name), state: states.get(vhost.name) })
  const dueOf = (account: Account) =>
    pickForRound(
      vhostsOf(account, further.get(account.userId) ?? [])
        .map(candidate)
        .filter((one) => isDue(one.shown, one.state, now)),
      statesOf.get(account.userId) ?? [],
      now,
    )
  const byAccount = accounts.map(dueOf).filter(([first]) => first !== undefined)
  // None is empty.
  byAccount.sort(([a = {}], [b = {}]) => byUrgency(a, b))
  return byAccount.map((due) => due.map(({ vhost }) => vhost))
}

/** The names to ask for: those under which visitors look for pages. */
export function namesFor(vhost: Vhost): readonly string[] {
  return vhost.domains.filter((domain) => domain === vhost.name || !domain.startsWith('mail.'))
}

/** What somebody should know when a try failed: nothing while a site that never had an automatic certificate waits for its first. */
export async function notRenewed(
  certificates: CertificateStore,
  site: string,
  problem: string,
  at: Date,
): Promise<NewAlert | undefined> {
  const installed = await certificates.findInstalled(site)
  if (installed?.certificate.provider === undefined) return undefined
  const end = installed.certificate.facts.notAfter.toISOString().slice(0, 10)
  return {
    kind: 'certificate-not-renewed',
    reason: `The certificate of ${site} ends on ${end} and could not be renewed: ${problem}`,
    about: { userId: installed.userId },
    at,
    example: site,
  }
}
