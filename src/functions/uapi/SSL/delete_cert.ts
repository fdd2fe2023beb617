import { Failure } from '../../../failures.ts'
import { toUnixSeconds, uapiCertificate } from '../../ssl/shown.ts'
import { nameOf, pickStored, storedParams } from '../../ssl/stored.ts'
import { defineUapiWrite } from '../define.ts'

export const sslDeleteCert = defineUapiWrite({
  module: 'SSL',
  function: 'delete_cert',
  summary: 'Delete a certificate that no site shows. Its key is kept.',
  source: 'UAPI, "Delete SSL certificate"',
  feature: 'sslmanager',
  params: storedParams,
  failures: ['argument-missing', 'arguments-disagree', 'stored-not-found', 'certificate-installed'],
  audit: nameOf,
  async run({ stores, account, note }, named) {
    const { userId } = account
    const certificate = pickStored('certificate', await stores.certificates.listCertificates({ userId }), named)
    const installed = await stores.certificates.listInstalled({ userId })
    const shown = installed.find((one) => one.certificate.id === certificate.id)
    if (shown !== undefined) throw new Failure('certificate-installed', { site: shown.site })
    await stores.certificates.removeCertificate(userId, certificate.id)
    note('certificate', certificate.id)
    const { friendlyName, createdAt } = certificate
    return {
      data: [{ ...uapiCertificate(certificate), friendly_name: friendlyName, created: toUnixSeconds(createdAt) }],
    }
  },
})
