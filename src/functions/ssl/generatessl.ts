import { X509Certificate } from 'node:crypto'
import { certificateFactsOf } from '../../hosting/certificates/facts.ts'
import { pemOfKey } from '../../hosting/certificates/pem.ts'
import { optional } from '../../whm/params.ts'
import { oneOf } from '../accounts/forms.ts'
import type { Context } from '../context.ts'
import { defineWrite } from '../define.ts'
import { domainList, holderParams } from './forms.ts'
import { keepCertificate } from './install.ts'
import { requestIdOf } from './requests.ts'
import { loadVhost, type Vhost } from './vhosts.ts'

const SELF_SIGNED_DAYS = 365

/** The account that has the first domain keeps key and certificate. The key is in the reply to this call and in no other but `fetchsslinfo`. */
export const generatessl = defineWrite({
  name: 'generatessl',
  group: 'Certificates',
  summary: 'Make a private key, a signing request and a self-signed certificate for domains of an account.',
  source: 'WHM API 1, "Generate SSL certificate"',
  acl: 'ssl-gencrt',
  params: {
    domains: domainList({
      doc: 'The domains, with commas between them; a first label may be a star.',
      wildcards: true,
    }),
    ...holderParams,
    keysize: optional(oneOf('The bits of the RSA key: 2048 (when absent) or 4096.', ['2048', '4096'])),
  },
  failures: ['argument-missing', 'domain-not-found', 'overloaded', 'account-limit-reached'],
  v0: 'none',
  audit: ({ domains }) => domains.join(','),
  async prepare(context, { domains, keysize, ...holder }) {
    const { now, caller } = context
    const [first] = await vhostsOfAll(context, domains)
    // Root acts for many accounts, each of which has its turns.
    const userId = caller.kind === 'root' ? (first?.account.userId ?? caller.userId) : caller.userId
    const { makeKey, makeRequest, makeSelfSigned } = await import('../../hosting/certificates/made.ts')
    const key = await makeKey(keysize === '4096' ? 'rsa-4096' : 'rsa-2048', userId)
    const csr = await makeRequest(key, domains, holder)
    const pem = await makeSelfSigned(key, domains, holder, now, SELF_SIGNED_DAYS)
    const certificate = new X509Certificate(pem)
    return { key, csr, pem, certificate, facts: await certificateFactsOf(certificate) }
  },
  async run(context, { domains }, { key, csr, pem, certificate, facts }) {
    const [first] = await vhostsOfAll(context, domains)
    if (first === undefined) throw new Error('there is at least one domain')
    const { account } = first
    const kept = { certificate, chain: [], key, facts, provider: undefined }
    const { id, keyId } = await keepCertificate(context, account.userId, kept)
    context.note('key', keyId)
    context.note('certificate', id)
    return {
      data: {
        cert: pem,
        cert_id: id,
        csr,
        csr_id: requestIdOf(csr),
        domains,
        host: first.name,
        key: pemOfKey(key),
        key_id: keyId,
        user: account.user,
      },
    }
  },
})

/** The site that each of the domains leads to; a star stands for what lies below. Throws `domain-not-found`. */
function vhostsOfAll(context: Context, domains: readonly string[]): Promise<readonly Vhost[]> {
  return Promise.all(domains.map((domain) => loadVhost(context, domain.replace(/^\*\./, ''))))
}
