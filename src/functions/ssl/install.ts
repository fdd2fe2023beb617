/** Keeps a certificate with its key, and lets a site show it. */
import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto'
import { sealSecret } from '../../accounts/sealed-secret.ts'
import { Failure } from '../../failures.ts'
import type { CheckedPair } from '../../hosting/certificates/check.ts'
import { certificateIdOf, keyIdOf } from '../../hosting/certificates/facts.ts'
import { covers } from '../../hosting/certificates/names.ts'
import { pemOf, pemOfKey } from '../../hosting/certificates/pem.ts'
import type { Context, WriteContext } from '../context.ts'
import type { Vhost } from './vhosts.ts'

type Keeping = Pick<Context, 'stores' | 'now'> & { readonly services: Pick<Context['services'], 'peppers'> }

/** Of an account, each. What is had automatically is bounded by its sites, and kept all the same. */
const [KEYS_MAX, CERTIFICATES_MAX] = [500, 500]

/** The id of the account's copy of the key; one that it has already is not kept twice. Throws `account-limit-reached`. */
export async function keepKey(context: Keeping, userId: number, key: KeyObject, friendlyName: string): Promise<string> {
  const { certificates } = context.stores
  const known = await certificates.findKey(userId, keyIdOf(createPublicKey(key), userId))
  if (known === undefined && (await certificates.countKeys(userId)) >= KEYS_MAX)
    throw new Failure('account-limit-reached', { what: 'stored keys', limit: String(KEYS_MAX) })
  return insertKey(context, userId, key, friendlyName)
}

async function insertKey(context: Keeping, userId: number, key: KeyObject, friendlyName: string): Promise<string> {
  const { stores, services, now } = context
  const publicKey = createPublicKey(key)
  const id = keyIdOf(publicKey, userId)
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const sealed = sealSecret(pemOfKey(key), userId, services.peppers, 'private key')
  await stores.certificates.insertKey({ id, userId, friendlyName, publicPem, createdAt: now }, sealed)
  return id
}

export type ToKeep = Pick<CheckedPair, 'certificate' | 'chain' | 'key' | 'facts'> & {
  /** Who had it made; undefined: by hand. */
  readonly provider: string | undefined
}

/** The ids under which the account has the certificate and its key. Throws `account-limit-reached`. */
export async function keepCertificate(context: Keeping, userId: number, kept: ToKeep) {
  const friendlyName = kept.facts.domains[0] ?? kept.facts.subject.commonName
  const id = certificateIdOf(kept.certificate, userId)
  const isByHand = kept.provider === undefined
  if (isByHand) await assertRoomForCertificate(context, userId, id)
  const keyId = await (isByHand ? keepKey : insertKey)(context, userId, kept.key, friendlyName)
  await context.stores.certificates.insertCertificate({
    id,
    userId,
    keyId,
    friendlyName,
    pem: pemOf([kept.certificate]),
    chain: pemOf(kept.chain),
    facts: kept.facts,
    provider: kept.provider,
    createdAt: context.now,
  })
  return { id, keyId }
}

async function assertRoomForCertificate({ stores }: Keeping, userId: number, id: string): Promise<void> {
  const { certificates } = stores
  if ((await certificates.findCertificate(userId, id)) !== undefined) return
  if ((await certificates.countCertificates(userId)) >= CERTIFICATES_MAX)
    throw new Failure('account-limit-reached', { what: 'stored certificates', limit: String(CERTIFICATES_MAX) })
}

/**
 * Throws `certificate-refused` when the certificate does not cover the domain that the caller named, and `account-limit-reached` for one
 * installed by hand where there is no room for it.
 */
export async function installOn(
  context: Pick<WriteContext, 'afterCommit' | 'note'> & Keeping,
  vhost: Vhost,
  domain: string,
  kept: ToKeep,
) {
  if (!covers(kept.facts.domains, domain))
    throw new Failure('certificate-refused', { problem: `the certificate does not cover “${domain}”` })
  const { stores, note, now } = context
  const { userId } = vhost.account
  const before = await stores.certificates.findInstalled(vhost.name)
  const ids = await keepCertificate(context, userId, kept)
  await stores.certificates.install(vhost.name, userId, ids.id, now)
  await context.afterCommit({ kind: 'write-certificate', site: vhost.name })
  note('certificate', ids.id)
  note('fingerprint256', fingerprintOf(kept.certificate))
  if (before !== undefined) note('replaced', before.certificate.id)
  return { ...ids, before: before?.certificate }
}

function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase()
}

/** What WHM and UAPI tell of an installation. */
export function installationShown(vhost: Vhost, names: readonly string[]) {
  const { name, domains, account } = vhost
  const working = domains.filter((domain) => covers(names, domain))
  const sentence = `The certificate is installed on ${name}; visitors of ${working.join(', ')} are served with it.`
  return {
    action: 'install',
    domain: name,
    extra_certificate_domains: names.filter((one) => !domains.some((domain) => covers([one], domain))),
    html: `<p>${sentence}</p>`,
    ip: account.ip,
    message: sentence,
    statusmsg: 'The SSL certificate was successfully installed.',
    user: account.user,
    warning_domains: domains.filter((domain) => !working.includes(domain)),
    working_domains: working,
  }
}
