/** Keys, certificates and the sites that show them, in the database. */
import type { Kysely } from 'kysely'
import type { CertificateFacts } from '../hosting/certificates/facts.ts'
import type { CertificateStore, Installed, StoredCertificate, StoredKey } from '../hosting/certificates/store.ts'
import { countOf } from './counts.ts'
import { fromSeconds, metARow, toSeconds } from './rows.ts'
import type { Schema } from './schema.ts'
import type { SslCertificateTable, SslKeyTable } from './tables/certificates.ts'

/** The store on a connection or in a transaction. */
export function certificateStoreOn(db: Kysely<Schema>): CertificateStore {
  return { ...keysOn(db), ...certificatesOn(db), ...sitesOn(db) }
}

function keysOn(
  db: Kysely<Schema>,
): Pick<
  CertificateStore,
  'insertKey' | 'findKey' | 'findKeysByPublic' | 'sealedKey' | 'listKeys' | 'countKeys' | 'removeKey'
> {
  const keys = () =>
    db.selectFrom('ssl_keys').select(['id', 'user_id', 'friendly_name', 'public_pem', 'created_at']).orderBy('id')
  return {
    async insertKey({ id, userId, friendlyName, publicPem, createdAt }, sealed) {
      const row = {
        id,
        user_id: userId,
        friendly_name: friendlyName,
        public_pem: publicPem,
        sealed_key: sealed,
        created_at: toSeconds(createdAt),
      }
      await db
        .insertInto('ssl_keys')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
    },
    async findKey(userId, id) {
      const row = await keys().where('user_id', '=', userId).where('id', '=', id).executeTakeFirst()
      return row && keyOf(row)
    },
    async findKeysByPublic(publicPem) {
      return (await keys().where('public_pem', '=', publicPem).execute()).map(keyOf)
    },
    async sealedKey(userId, id) {
      const row = await db
        .selectFrom('ssl_keys')
        .select('sealed_key')
        .where('user_id', '=', userId)
        .where('id', '=', id)
        .executeTakeFirst()
      return row?.sealed_key
    },
    async listKeys(userId) {
      return (await keys().where('user_id', '=', userId).execute()).map(keyOf)
    },
    countKeys: (userId) => countOf(db, 'ssl_keys', userId),
    async removeKey(userId, id) {
      await db.deleteFrom('ssl_keys').where('user_id', '=', userId).where('id', '=', id).execute()
    },
  }
}

const CERTIFICATE = [
  'ssl_certificates.id',
  'ssl_certificates.user_id',
  'ssl_certificates.key_id',
  'ssl_certificates.friendly_name',
  'ssl_certificates.pem',
  'ssl_certificates.chain',
  'ssl_certificates.facts',
  'ssl_certificates.provider',
  'ssl_certificates.created_at',
] as const

function certificatesOn(
  db: Kysely<Schema>,
): Pick<
  CertificateStore,
  | 'insertCertificate'
  | 'findCertificate'
  | 'listCertificates'
  | 'countCertificates'
  | 'removeCertificate'
  | 'removeUnused'
> {
  const certificates = () => db.selectFrom('ssl_certificates').select(CERTIFICATE)
  return {
    async insertCertificate(certificate) {
      const row = {
        id: certificate.id,
        user_id: certificate.userId,
        key_id: certificate.keyId,
        friendly_name: certificate.friendlyName,
        pem: certificate.pem,
        chain: certificate.chain,
        facts: JSON.stringify(certificate.facts),
        not_before: toSeconds(certificate.facts.notBefore),
        not_after: toSeconds(certificate.facts.notAfter),
        provider: certificate.provider ?? null,
        created_at: toSeconds(certificate.createdAt),
      }
      await db
        .insertInto('ssl_certificates')
        .values(row)
        // Whoever installs it again may know more of its authorities.
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ chain: row.chain }))
        .execute()
    },
    countCertificates: (userId) => countOf(db, 'ssl_certificates', userId),
    async removeCertificate(userId, id) {
      await db.deleteFrom('ssl_certificates').where('user_id', '=', userId).where('id', '=', id).execute()
    },
    async removeUnused(userId, id) {
      const certificate = await certificates().where('user_id', '=', userId).where('id', '=', id).executeTakeFirst()
      const site = await db.selectFrom('ssl_sites').select('site').where('certificate_id', '=', id).executeTakeFirst()
      if (certificate === undefined || site !== undefined) return
      await db.deleteFrom('ssl_certificates').where('id', '=', id).execute()
      const { key_id: keyId } = certificate
      const other = await certificates().where('key_id', '=', keyId).executeTakeFirst()
      if (other === undefined) await db.deleteFrom('ssl_keys').where('id', '=', keyId).execute()
    },
    async findCertificate(userId, id) {
      const row = await certificates().where('user_id', '=', userId).where('id', '=', id).executeTakeFirst()
      return row && certificateOf(row)
    },
    async listCertificates({ ownerId, userId }) {
      let query = certificates().orderBy('ssl_certificates.id')
      if (userId !== undefined) query = query.where('ssl_certificates.user_id', '=', userId)
      if (ownerId !== undefined)
        query = query
          .innerJoin('accounts', 'accounts.user_id', 'ssl_certificates.user_id')
          .where('accounts.owner_id', '=', ownerId)
      return (await query.execute()).map(certificateOf)
    },
  }
}

function sitesOn(
  db: Kysely<Schema>,
): Pick<CertificateStore, 'install' | 'uninstall' | 'findInstalled' | 'listInstalled' | 'removeAllOf'> {
  const installed = () =>
    db
      .selectFrom('ssl_sites')
      .innerJoin('ssl_certificates', 'ssl_certificates.id', 'ssl_sites.certificate_id')
      .select(['ssl_sites.site', 'ssl_sites.installed_at', ...CERTIFICATE])
  return {
    async install(site, userId, certificateId, at) {
      const row = { user_id: userId, certificate_id: certificateId, installed_at: toSeconds(at) }
      await db
        .insertInto('ssl_sites')
        .values({ site, ...row })
        .onConflict((conflict) => conflict.column('site').doUpdateSet(row))
        .execute()
    },
    async uninstall(site) {
      return metARow(await db.deleteFrom('ssl_sites').where('site', '=', site).executeTakeFirst())
    },
    async findInstalled(site) {
      const row = await installed().where('site', '=', site).executeTakeFirst()
      return row && installedOf(row)
    },
    async listInstalled({ ownerId, userId }) {
      let query = installed().orderBy('ssl_sites.site')
      if (userId !== undefined) query = query.where('ssl_sites.user_id', '=', userId)
      if (ownerId !== undefined)
        query = query
          .innerJoin('accounts', 'accounts.user_id', 'ssl_sites.user_id')
          .where('accounts.owner_id', '=', ownerId)
      return (await query.execute()).map(installedOf)
    },
    async removeAllOf(userId) {
      const sites = await db.selectFrom('ssl_sites').select('site').where('user_id', '=', userId).execute()
      for (const table of ['autossl_state', 'ssl_sites', 'ssl_certificates', 'ssl_keys'] as const)
        await db.deleteFrom(table).where('user_id', '=', userId).execute()
      return sites.map(({ site }) => site)
    },
  }
}

function keyOf(row: Omit<SslKeyTable, 'sealed_key'>): StoredKey {
  return {
    id: row.id,
    userId: row.user_id,
    friendlyName: row.friendly_name,
    publicPem: row.public_pem,
    createdAt: fromSeconds(row.created_at),
  }
}

/** As `JSON.stringify` wrote them above: dates became texts. */
function factsFrom(json: string): CertificateFacts {
  const facts = JSON.parse(json) as CertificateFacts & { readonly notBefore: string; readonly notAfter: string }
  return { ...facts, notBefore: new Date(facts.notBefore), notAfter: new Date(facts.notAfter) }
}

type CertificateRow = Omit<SslCertificateTable, 'not_before' | 'not_after'>

function certificateOf(row: CertificateRow): StoredCertificate {
  return {
    id: row.id,
    userId: row.user_id,
    keyId: row.key_id,
    friendlyName: row.friendly_name,
    pem: row.pem,
    chain: row.chain,
    facts: factsFrom(row.facts),
    provider: row.provider ?? undefined,
    createdAt: fromSeconds(row.created_at),
  }
}

function installedOf(row: CertificateRow & { readonly site: string; readonly installed_at: number }): Installed {
  return {
    site: row.site,
    userId: row.user_id,
    certificate: certificateOf(row),
    installedAt: fromSeconds(row.installed_at),
  }
}
