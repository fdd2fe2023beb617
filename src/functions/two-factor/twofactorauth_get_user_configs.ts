import type { Account } from '../../accounts/account.ts'
import { optional } from '../../whm/params.ts'
import { userName } from '../accounts/forms.ts'
import { listAccountsInReach } from '../accounts-in-reach.ts'
import type { ReadContext } from '../context.ts'
import { defineRead } from '../define.ts'
import { loadUser, type SecondFactorUser } from './users.ts'

export const twofactorauthGetUserConfigs = defineRead({
  name: 'twofactorauth_get_user_configs',
  group: 'Two-factor sign-in',
  summary: 'Tell who signs in with two factors: every user in your reach, or one.',
  source: 'WHM API 1, "Return cPanel accounts with 2FA enabled"',
  acl: 'all',
  params: { user: optional(userName({ doc: 'One user only.' })) },
  failures: ['account-not-found'],
  v0: 'none',
  async run(context, { user }) {
    const users = user === undefined ? await everyUser(context) : [await loadUser(context, user)]
    const enabled = await context.stores.twoFactor.listUserIds()
    const facts = users.map(({ name, userId, domain }) => [
      name,
      { is_enabled: enabled.has(userId) ? 1 : 0, primary_domain: domain },
    ])
    return { data: Object.fromEntries(facts) }
  },
})

async function everyUser({ caller, stores }: ReadContext): Promise<readonly SecondFactorUser[]> {
  const self = { name: caller.user, userId: caller.userId, domain: '' }
  const inReach = (await listAccountsInReach(stores, caller)).map(toUser)
  return inReach.some(({ userId }) => userId === self.userId) ? inReach : [self, ...inReach]
}

const toUser = ({ user, userId, domain }: Account): SecondFactorUser => ({ name: user, userId, domain })
