import { Failure } from '../../failures.ts'
import { optional } from '../../whm/params.ts'
import type { Context } from '../context.ts'
import { defineRead } from '../define.ts'
import { userName } from './forms.ts'

/** `active` counts those that are not suspended; `limit` is null while setresellerlimits has set none. */
export const acctcounts = defineRead({
  name: 'acctcounts',
  group: 'Accounts',
  summary: 'Count the accounts that a reseller owns.',
  source: 'WHM API 1, "Reseller account counts"',
  acl: 'acct-summary',
  params: { user: optional(userName({ doc: 'The reseller; you when absent. Only root may ask about others.' })) },
  failures: ['reseller-not-found'],
  v0: 'list',
  async run(context, { user = context.caller.user }) {
    const { accounts, resellers } = context.stores
    const ownerId = await ownerAskedFor(context, user)
    const { limits } = await resellers.settingsOf(ownerId)
    const limit = limits.hasAccountLimit ? (limits.accountLimit ?? null) : null
    return { data: { reseller: { user, ...(await accounts.countOwned(ownerId)), limit } } }
  },
})

async function ownerAskedFor({ caller, stores }: Context, user: string): Promise<number> {
  if (user === caller.user) return caller.userId
  const owner = caller.kind === 'root' ? await stores.accounts.findUser(user) : undefined
  if (owner?.kind !== 'reseller') throw new Failure('reseller-not-found', { user })
  return owner.id
}
