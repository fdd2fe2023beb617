import { text } from '../../whm/params.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import { argumentsWhere } from '../arguments-for.ts'
import { defineThrough } from '../define.ts'
import { INTO_ACCOUNTS } from '../uapi/admit.ts'

/** `metadata.result` is 1 when the call was delivered, whatever `data.uapi.status` says (documented). */
export const uapiCpanel = defineThrough({
  name: 'uapi_cpanel',
  group: 'Calls into accounts',
  summary: 'Call a UAPI function on an account of yours; its own arguments stand beside the three named here.',
  source: 'Use WHM API to Call cPanel API and UAPI',
  acl: INTO_ACCOUNTS,
  params: {
    'cpanel.user': text({ doc: 'The account.', min: 1, max: 100 }),
    'cpanel.module': text({ doc: 'The module, such as `Email`; its case counts.', min: 1, max: 100 }),
    'cpanel.function': text({ doc: 'The function, such as `list_pops`; its case counts.', min: 1, max: 100 }),
  },
  failures: ['account-not-found', 'nested-calls', 'too-many-calls'],
  v0: 'none',
  async run({ caller, stores, inner }, values) {
    const { user } = await loadAccount(stores, caller, values['cpanel.user'].toLowerCase())
    const asked = { module: values['cpanel.module'], function: values['cpanel.function'] }
    const args = argumentsWhere(inner.args, (name) => !name.startsWith('cpanel.') && name !== 'api.version')
    return { data: { uapi: await inner.uapi(asked, { by: 'user', user }, args) } }
  },
})
