import { uapiKey } from '../../ssl/shown.ts'
import { defineUapiRead } from '../define.ts'

export const sslListKeys = defineUapiRead({
  module: 'SSL',
  function: 'list_keys',
  summary: 'List the private keys of the account by what is public of them.',
  source: 'UAPI, "Return private keys"',
  feature: 'sslmanager',
  params: {},
  failures: [],
  async run({ stores, account }) {
    return { data: (await stores.certificates.listKeys(account.userId)).map(uapiKey) }
  },
})
