import { Failure } from '../../../failures.ts'
import { uapiKey } from '../../ssl/shown.ts'
import { nameOf, pickStored, storedParams } from '../../ssl/stored.ts'
import { defineUapiWrite } from '../define.ts'

export const sslDeleteKey = defineUapiWrite({
  module: 'SSL',
  function: 'delete_key',
  summary: 'Delete a private key of which the account has no certificate.',
  source: 'UAPI, "Delete private key"',
  feature: 'sslmanager',
  params: storedParams,
  failures: ['argument-missing', 'arguments-disagree', 'stored-not-found', 'key-has-certificate'],
  audit: nameOf,
  async run({ stores, account, note }, named) {
    const { userId } = account
    const key = pickStored('key', await stores.certificates.listKeys(userId), named)
    const certificates = await stores.certificates.listCertificates({ userId })
    const certificate = certificates.find(({ keyId }) => keyId === key.id)
    if (certificate !== undefined) throw new Failure('key-has-certificate', { certificate: certificate.id })
    await stores.certificates.removeKey(userId, key.id)
    note('key', key.id)
    return { data: [uapiKey(key)] }
  },
})
