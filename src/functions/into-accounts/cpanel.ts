/**
 * The older way into an account: UAPI (`cpanel_jsonapi_apiversion` 3) and API 2 (the default), under the same name on both services. Its
 * replies have no envelope, in any version (observed). `/xml-api/cpanel` has names of its own for the same arguments.
 */
import type { Account } from '../../accounts/account.ts'
import type { Caller } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import { optional, text, type Values } from '../../whm/params.ts'
import { api2Reply, legacyFailure, type Outcome, userInvalid } from '../../whm/reply.ts'
import { isInReach } from '../accounts-in-reach.ts'
import { argumentsWhere } from '../arguments-for.ts'
import type { Stores, ThroughContext } from '../context.ts'
import { defineThrough } from '../define.ts'
import { type AccountNamed, INTO_ACCOUNTS } from '../uapi/admit.ts'

const named = (name: string, doc: string) => optional(text({ doc, max: 100, aliases: [`cpanel_xmlapi_${name}`] }))

const params = {
  cpanel_jsonapi_user: named('user', 'The account, in lower case.'),
  cpanel_jsonapi_module: named('module', 'The module, such as `Email`; its case counts.'),
  cpanel_jsonapi_func: named('func', 'The function; its case counts.'),
  cpanel_jsonapi_apiversion: named('apiversion', '3: UAPI. 2, or absent: API 2.'),
}

const described = {
  name: 'cpanel',
  group: 'Calls into accounts',
  source: 'Use WHM API to Call cPanel API and UAPI',
  params,
  failures: ['nested-calls', 'too-many-calls'],
  v0: 'bare',
} as const

/** On WHM's service: for an account that is named and the caller's to act on. */
export const cpanel = defineThrough({
  ...described,
  summary: 'Call a function of UAPI or API 2 on an account of yours; its own arguments stand beside those named here.',
  acl: INTO_ACCOUNTS,
  async run(context, values) {
    const account = await findInReach(context.stores, context.caller, values.cpanel_jsonapi_user)
    return account === undefined ? refuseUser(context) : run(context, values, { by: 'user', user: account.user })
  },
})

/** On the cPanel service: for the caller's own account, and for no other whoever is named. */
export const cpanelOfAccount = defineThrough({
  ...described,
  summary: 'Call a function of UAPI or API 2 on your own account.',
  acl: false,
  async run(context, values) {
    const user = values.cpanel_jsonapi_user
    if (user !== undefined && user !== context.caller.user) return refuseUser(context)
    return run(context, values, { by: 'caller' })
  },
})

/** "Not yours" and "does not exist" are one answer. */
async function findInReach(stores: Stores, caller: Caller, user: string | undefined): Promise<Account | undefined> {
  const account = user === undefined ? undefined : await stores.accounts.findAccount(user)
  return account !== undefined && isInReach(caller, account) ? account : undefined
}

function refuseUser(context: ThroughContext): Outcome {
  context.reportFailure('account-not-found: cpanel_jsonapi_user names no account that the caller may act on')
  return { data: userInvalid() }
}

async function run(context: ThroughContext, values: Values<typeof params>, account: AccountNamed): Promise<Outcome> {
  const { inner } = context
  const asked = { module: values.cpanel_jsonapi_module ?? '', function: values.cpanel_jsonapi_func ?? '' }
  const args = argumentsWhere(inner.args, (name) => !/^cpanel_(json|xml)api_|^api\.version$/.test(name))
  const version = values.cpanel_jsonapi_apiversion ?? '2'
  if (version === '3') {
    const result = await inner.uapi(asked, account, args)
    return { data: { module: asked.module, func: asked.function, apiversion: 3, result } }
  }
  if (version === '2') return { data: api2Reply(asked, await inner.api2(asked, account, args)) }
  const { code, message } = new Failure('api-version-not-served', { version })
  context.reportFailure(`${code}: ${message}`)
  return { data: legacyFailure(version, message) }
}
