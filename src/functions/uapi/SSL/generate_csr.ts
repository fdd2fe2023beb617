import { createPrivateKey } from 'node:crypto'
import { openSecret } from '../../../accounts/sealed-secret.ts'
import { Failure } from '../../../failures.ts'
import { optional, text } from '../../../whm/params.ts'
import { domainList, friendlyName, holderParams, required } from '../../ssl/forms.ts'
import { requestIdOf } from '../../ssl/requests.ts'
import { toUnixSeconds, uapiKey } from '../../ssl/shown.ts'
import { defineUapiRead } from '../define.ts'

/** Changes nothing: the request is given and not kept. */
export const sslGenerateCsr = defineUapiRead({
  module: 'SSL',
  function: 'generate_csr',
  summary: 'Make a signing request for domains, with one of the account’s keys.',
  source: 'UAPI, "Generate certificate signing request"',
  feature: 'sslmanager',
  params: {
    domains: domainList({
      doc: 'The domains, with commas between them; a first label may be a star.',
      wildcards: true,
    }),
    key_id: text({ doc: 'The id of the key, as list_keys gives it.', min: 1, max: 100 }),
    ...holderParams,
    countryName: required(holderParams.countryName),
    stateOrProvinceName: required(holderParams.stateOrProvinceName),
    localityName: required(holderParams.localityName),
    organizationName: required(holderParams.organizationName),
    friendly_name: optional(friendlyName),
  },
  failures: ['key-not-found'],
  async run({ stores, account, services, now }, { domains, key_id: id, friendly_name: name, ...holder }) {
    const key = await stores.certificates.findKey(account.userId, id)
    const sealed = await stores.certificates.sealedKey(account.userId, id)
    if (key === undefined || sealed === undefined) throw new Failure('key-not-found', { id })
    const { makeRequest } = await import('../../../hosting/certificates/made.ts')
    const secret = createPrivateKey(openSecret(sealed, account.userId, services.peppers, 'private key'))
    const request = await makeRequest(secret, domains, holder)
    return {
      data: {
        ...uapiKey(key),
        id: requestIdOf(request),
        text: request,
        commonName: domains[0] ?? '',
        domains,
        created: toUnixSeconds(now),
        friendly_name: name ?? domains[0] ?? '',
      },
      messages: ['Certificate Signing Request generated!'],
    }
  },
})
