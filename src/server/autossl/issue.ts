/** Has a certificate made for a site of an account, and installs it. */
import { installOn, type ToKeep } from '../../functions/ssl/install.ts'
import { loadVhostOf, type Vhost } from '../../functions/ssl/vhosts.ts'
import { checkPair } from '../../hosting/certificates/check.ts'
import { pemOfKey } from '../../hosting/certificates/pem.ts'
import type { StoredCertificate } from '../../hosting/certificates/store.ts'
import type { HostTask } from '../../hosting/host.ts'
import type { Authority } from './authority.ts'
import type { AutoSslParts } from './parts.ts'
import { namesFor } from './sites.ts'
import { solveForSite } from './solvers.ts'
import { autoSslEntry } from './trail.ts'

/** Each certificate has a key of its own. Throws what the authority says when it is not convinced. */
export async function issueFor(parts: AutoSslParts, authority: Authority, vhost: Vhost): Promise<void> {
  const { makeKey, makeRequest } = await import('../../hosting/certificates/made.ts')
  const key = await makeKey('ecdsa-prime256v1', vhost.account.userId)
  const { pem } = await authority.order(
    namesFor(vhost),
    (domains) => makeRequest(key, domains, {}),
    solveForSite(parts, vhost),
  )
  const checked = await checkPair(pem, pemOfKey(key), undefined, parts.now())
  await install(parts, vhost, { ...checked, provider: new URL(parts.settings.acmeDirectory).hostname })
}

const isByHand = ({ provider }: StoredCertificate): boolean => provider === undefined

/** In one transaction with what is kept of the try and its entry in the trail. The automatic one that it replaces goes. */
async function install(parts: AutoSslParts, vhost: Vhost, made: ToKeep): Promise<void> {
  const { door } = parts
  const now = parts.now()
  const tasks: { readonly id: number; readonly task: HostTask }[] = []
  const details: Record<string, string | number | readonly string[]> = { account: vhost.account.user }
  await door.write(
    async (stores) => {
      tasks.length = 0
      // The account may have changed while the authority was asked.
      const account = await stores.accounts.findAccount(vhost.account.user)
      if (account?.userId !== vhost.account.userId) throw new Error('the account is gone')
      const current = await loadVhostOf(stores, account, vhost.name)
      const shown = await stores.certificates.findInstalled(vhost.name)
      if (shown !== undefined && isByHand(shown.certificate) && shown.certificate.facts.notAfter > now) {
        // Somebody installed one meanwhile; that is left alone.
        await stores.autoSsl.release(vhost.name)
        return
      }
      const context = {
        stores,
        services: door.services,
        now,
        note: (key: string, value: string | number | readonly string[]) =>
          void Object.assign(details, { [key]: value }),
        afterCommit: async (task: HostTask) => void tasks.push({ id: await stores.hostTasks.add(task, now), task }),
      }
      const { id, before } = await installOn(context, current, vhost.name, made)
      if (before?.provider !== undefined && before.id !== id)
        await stores.certificates.removeUnused(account.userId, before.id)
      await stores.autoSsl.succeeded(vhost.name, now)
      await stores.audit.append([autoSslEntry(vhost.name, 'done', 'OK', details, now)])
    },
    { urgent: false },
  )
  // What the machine does not do now stays listed, and is logged.
  await door.runHostTasks(tasks)
}
