import { openSecret } from '../../accounts/sealed-secret.ts'
import { Failure } from '../../failures.ts'
import { PEM_MAX, parseCertificates, pemOf } from '../../hosting/certificates/pem.ts'
import type { StoredCertificate } from '../../hosting/certificates/store.ts'
import { optional, text } from '../../whm/params.ts'
import { domainName } from '../accounts/forms.ts'
import { isInReach } from '../accounts-in-reach.ts'
import type { Context, WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { loadVhost } from './vhosts.ts'

/**
 * A write, although it changes nothing: it gives a private key away, so the entry that says so must be in the trail before the reply goes
 * out.
 */
export const fetchsslinfo = defineWrite({
  name: 'fetchsslinfo',
  group: 'Certificates',
  summary: 'Give the certificate, private key and chain that a domain is served with, or the key of a certificate.',
  source: 'WHM API 1, "Fetch SSL certificate information"',
  acl: 'ssl-info',
  params: {
    domain: optional(domainName({ doc: 'The domain.' })),
    crtdata: optional(text({ doc: 'A certificate in PEM, instead of the domain.', max: PEM_MAX })),
  },
  failures: [
    'argument-missing',
    'arguments-disagree',
    'domain-not-found',
    'certificate-not-found',
    'certificate-refused',
  ],
  v0: 'list',
  audit: ({ domain }) => domain ?? '(by a certificate)',
  async run(context, { domain, crtdata: sent }) {
    // Old panels send every field they know.
    const crtdata = sent === '' ? undefined : sent
    if (domain !== undefined && crtdata !== undefined)
      throw new Failure('arguments-disagree', { problem: '“domain” and “crtdata” name two certificates' })
    if (domain !== undefined) return { data: await infoOfDomain(context, domain) }
    if (crtdata === undefined) throw new Failure('argument-missing', { argument: 'domain” or “crtdata' })
    return { data: await infoOfCertificate(context, crtdata) }
  },
})

type Noting = Pick<WriteContext, 'note'> & Context

const FOUND = { status: 1, statusmsg: 'ok' }

/** The PEM texts; the key is a secret. */
export async function pairOf({ stores, services }: Context, { userId, keyId, pem, chain }: StoredCertificate) {
  const sealed = await stores.certificates.sealedKey(userId, keyId)
  if (sealed === undefined) throw new Error('a certificate has no key')
  return { crt: pem, key: openSecret(sealed, userId, services.peppers, 'private key'), cab: chain }
}

async function infoOfDomain(context: Noting, domain: string) {
  const vhost = await loadVhost(context, domain)
  const installed = await context.stores.certificates.findInstalled(vhost.name)
  if (installed === undefined) throw new Failure('certificate-not-found', { domain })
  context.note('certificate', installed.certificate.id)
  const pair = await pairOf(context, installed.certificate)
  return { ...pair, domain: vhost.name, ip: vhost.account.ip, user: vhost.account.user, ...FOUND }
}

/** Without the key when nobody has it whom the caller may act on. */
async function infoOfCertificate(context: Noting, crtdata: string) {
  const { stores, services, caller } = context
  const [certificate] = parseCertificates(crtdata, 'the certificate')
  if (certificate === undefined) throw new Error('there is at least one')
  const publicPem = certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  for (const { id, userId } of await stores.certificates.findKeysByPublic(publicPem)) {
    const user = await stores.accounts.findUserById(userId)
    const account = user && (await stores.accounts.findAccount(user.name))
    const sealed = await stores.certificates.sealedKey(userId, id)
    if (account === undefined || sealed === undefined || !isInReach(caller, account)) continue
    context.note('key', id)
    const key = openSecret(sealed, userId, services.peppers, 'private key')
    return { crt: pemOf([certificate]), key, cab: '', user: account.user, ...FOUND }
  }
  return { crt: pemOf([certificate]), key: '', cab: '', user: '', ...FOUND }
}
