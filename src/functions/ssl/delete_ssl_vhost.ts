import { Failure } from '../../failures.ts'
import { domainName } from '../accounts/forms.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { loadVhost, type Vhost } from './vhosts.ts'

export const deleteSslVhost = defineWrite({
  name: 'delete_ssl_vhost',
  group: 'Certificates',
  summary: 'Let a site show no certificate any longer. The account keeps certificate and key.',
  source: 'WHM API 1, "Delete SSL website"',
  acl: 'ssl',
  params: { host: domainName({ doc: 'A domain of the site.' }) },
  failures: ['argument-missing', 'domain-not-found', 'certificate-not-found'],
  v0: 'none',
  audit: ({ host }) => host ?? '',
  async run(context, { host }) {
    if (host === undefined) throw new Failure('argument-missing', { argument: 'host' })
    const vhost = await loadVhost(context, host)
    await uninstall(context, vhost)
    const docroot = context.services.host.pathOf(vhost.account.home, vhost.documentRoot)
    const removed = { servername: vhost.name, user: vhost.account.user, ip: vhost.account.ip, docroot }
    return { data: { output: [`The SSL website ${vhost.name} was removed.`], removed_vhost_data: [removed] } }
  },
})

/** Throws `certificate-not-found` when the site shows none. */
export async function uninstall(context: WriteContext, { name }: Vhost): Promise<void> {
  const { stores, note } = context
  const installed = await stores.certificates.findInstalled(name)
  if (installed === undefined) throw new Failure('certificate-not-found', { domain: name })
  await stores.certificates.uninstall(name)
  await context.afterCommit({ kind: 'write-certificate', site: name })
  note('certificate', installed.certificate.id)
}
