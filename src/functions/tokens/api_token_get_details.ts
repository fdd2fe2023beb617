import { secretHasEnded } from '../../tokens/check.ts'
import { digestsOf, isWellFormedSecret } from '../../tokens/secret.ts'
import type { Token } from '../../tokens/token.ts'
import { text } from '../../whm/params.ts'
import type { ReadContext } from '../context.ts'
import { defineRead } from '../define.ts'
import { tokenFacts } from './forms.ts'

/**
 * Answers for the caller's own tokens alone; any other value, well-formed or not, gives the same empty data. Each miss leaves an entry
 * in the trail, since whoever may ask can try secrets here as well as at the door.
 */
export const apiTokenGetDetails = defineRead({
  name: 'api_token_get_details',
  group: 'API tokens',
  summary: 'Look up one of your API tokens by its secret. Send it by POST: a query string may be logged on its way.',
  source: 'WHM API 1, "Look up API token details"',
  acl: 'manage-api-tokens',
  params: { token: text({ doc: 'The secret of the token.', max: 200, secret: true }) },
  failures: ['too-many-attempts'],
  v0: 'none',
  async run(context, { token: secret }) {
    context.services.protection.refuseBanned(context.caller, context.now)
    const token = await findOwn(context, secret)
    if (token !== undefined) return { data: tokenFacts(token) }
    // The caller may read this entry, so it must not tell another user's secret from one that was never issued.
    context.services.protection.missedLookUp(context.caller, isWellFormedSecret(secret), context.now)
    const alarm = isWellFormedSecret(secret) ? { alarm: 'somebody holds a real old token, or one of another user' } : {}
    context.reportFailure('unknown-secret: a secret that is none of the caller’s tokens was looked up', alarm)
    return { data: {} }
  },
})

async function findOwn({ caller, now, stores, services }: ReadContext, secret: string): Promise<Token | undefined> {
  if (!isWellFormedSecret(secret)) return undefined
  const found = await stores.tokens.findByDigest(digestsOf(secret, services.peppers))
  if (found === undefined || secretHasEnded(found.secret, now.getTime())) return undefined
  const { token } = found
  return token.userId === caller.userId && token.service === 'whm' ? token : undefined
}
