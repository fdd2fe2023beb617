import type { User } from '../../accounts/account.ts'
import { LINK_MAX_SECONDS, makeLoginLink, mayLink } from '../../accounts/login-links.ts'
import type { Service } from '../../accounts/sessions.ts'
import { Failure } from '../../failures.ts'
import { text } from '../../whm/params.ts'
import { userName } from '../accounts/forms.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { assertPasswordFresh } from './fresh-password.ts'

/** WHM's names of the services; mailboxes have none here. */
const SERVICES: Readonly<Record<string, Service>> = { cpaneld: 'cpanel', whostmgrd: 'whm' }

/** WHM warns of it (documented): the session is not held to the privileges of the token that made the link. */
export const createUserSession = defineWrite({
  name: 'create_user_session',
  group: 'Sessions',
  summary: 'Make a link that signs a browser in as an account, once, within five minutes.',
  source: 'WHM API 1, "Create user session"',
  acl: 'create-user-session',
  params: {
    user: userName({
      doc: 'An account you own, or yourself; for the service whostmgrd yourself, or anybody if you are root.',
    }),
    service: text({
      doc: '`cpaneld` for the account’s own service, `whostmgrd` for WHM.',
      only: /^(?:cpaneld|whostmgrd)$/,
      onlyProblem: 'is no service that is served here: cpaneld or whostmgrd',
    }),
  },
  failures: ['account-not-found', 'account-suspended', 'service-not-open', 'password-needed'],
  v0: 'none',
  audit: (values) => values.user,
  async run(context, { user: name, service: serviceName }) {
    const { caller, now, stores, services, note } = context
    // Else a session that a link opened could go on for ever, link by link, after its maker's token was revoked.
    assertPasswordFresh(caller, now)
    const service = SERVICES[serviceName] ?? 'cpanel'
    const user = await loadTarget(context, name, service)
    const origin = services.originOf(service)
    if (origin === undefined) throw new Failure('service-not-open', { service: serviceName })
    const link = makeLoginLink(user.name)
    const expiresAt = new Date(now.getTime() + LINK_MAX_SECONDS * 1000)
    await stores.loginLinks.insert({
      digest: link.digest,
      userId: user.id,
      service,
      securityTokenDigest: link.securityTokenDigest,
      makerId: caller.userId,
      makerTokenId: caller.credential.kind === 'token' ? caller.credential.tokenId : undefined,
      createdAt: now,
      expiresAt,
    })
    note('service', serviceName)
    return {
      data: {
        url: `${origin}${link.securityToken}/login/?session=${encodeURIComponent(link.session)}`,
        cp_security_token: link.securityToken,
        session: link.session,
        service: serviceName,
        expires: Math.floor(expiresAt.getTime() / 1000),
      },
      reason: 'Created session',
    }
  },
})

/** "Not yours", "does not exist" and "may not sign in there" are one answer. */
async function loadTarget({ caller, stores }: WriteContext, name: string, service: Service): Promise<User> {
  const user = await stores.accounts.findUser(name)
  const account = await stores.accounts.findAccount(name)
  const isFit = user !== undefined && (service === 'whm' ? user.kind !== 'account' : account !== undefined)
  if (!isFit || !mayLink(caller, { userId: user.id, ownerId: account?.ownerId }, service))
    throw new Failure('account-not-found', { user: name })
  if (user.isSuspended) throw new Failure('account-suspended', { user: name })
  return user
}
