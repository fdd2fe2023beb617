import { pemOfKey } from '../../../hosting/certificates/pem.ts'
import { optional } from '../../../whm/params.ts'
import { oneOf } from '../../accounts/forms.ts'
import { friendlyName } from '../../ssl/forms.ts'
import { keepKey } from '../../ssl/install.ts'
import { uapiKey } from '../../ssl/shown.ts'
import { defineUapiWrite } from '../define.ts'

/** The reply to this call is the only one of the account's functions that shows the key. */
export const sslGenerateKey = defineUapiWrite({
  module: 'SSL',
  function: 'generate_key',
  summary: 'Make a private key for the account.',
  source: 'UAPI, "Generate private key"',
  feature: 'sslmanager',
  params: {
    keytype: optional(
      oneOf('system (when absent, RSA with 2048 bits), rsa-2048, rsa-4096, ecdsa-prime256v1 or ecdsa-secp384r1.', [
        'system',
        'rsa-2048',
        'rsa-4096',
        'ecdsa-prime256v1',
        'ecdsa-secp384r1',
      ]),
    ),
    keysize: optional(oneOf('Bits of an RSA key, for old clients: 2048 or 4096.', ['2048', '4096'])),
    friendly_name: optional(friendlyName),
  },
  failures: ['overloaded', 'account-limit-reached'],
  audit: (values) => values.friendly_name ?? '',
  async prepare({ account }, { keytype = 'system', keysize }) {
    const { makeKey } = await import('../../../hosting/certificates/made.ts')
    return makeKey(keytype === 'system' ? (keysize === '4096' ? 'rsa-4096' : 'rsa-2048') : keytype, account.userId)
  },
  async run(context, { friendly_name: name }, key) {
    const { stores, account, note } = context
    const id = await keepKey(context, account.userId, key, name ?? 'key')
    const kept = await stores.certificates.findKey(account.userId, id)
    if (kept === undefined) throw new Error('a key that was just kept is not there')
    note('key', id)
    return { data: { ...uapiKey(kept), text: pemOfKey(key) } }
  },
})
