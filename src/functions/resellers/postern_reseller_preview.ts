import type { Token } from '../../tokens/token.ts'
import { defineRead } from '../define.ts'
import { differenceOf, loadReseller, privilegesAskedFor, privilegesOfReseller, resellerName } from './forms.ts'

/** Takes what `setacls` takes, and reads it by the same rules, so that what is shown is what would happen. */
export const posternResellerPreview = defineRead({
  name: 'postern_reseller_preview',
  group: 'Resellers',
  summary:
    'Say what setacls would change: privileges given and taken, and which API tokens that narrows. Changes nothing.',
  source: 'Postern',
  acl: 'all',
  params: { reseller: resellerName('The reseller.'), ...privilegesOfReseller },
  failures: [
    'reseller-not-found',
    'acl-list-not-found',
    'privilege-unknown',
    'privilege-root-only',
    'arguments-disagree',
  ],
  v0: 'none',
  async run({ stores }, values) {
    const reseller = await loadReseller(stores, values.reseller)
    const { privileges, warnings } = await privilegesAskedFor(stores, values)
    const { added, removed } = differenceOf(reseller, privileges)
    const narrowed = (await stores.tokens.listOf(reseller.id, 'whm'))
      .map((token) => ({ token, loses: lossOf(token, removed) }))
      .filter(({ loses }) => loses.length > 0)
    const usage = await stores.tokens.usageOf(narrowed.map(({ token }) => token.id))
    return {
      data: {
        privileges,
        added,
        removed,
        tokens: narrowed.map(({ token, loses }) => ({
          id: token.id,
          name: token.name,
          loses,
          keeps: token.privileges.length - loses.length,
          last_used_at: unixSeconds(usage.get(token.id)?.lastUsedAt),
        })),
      },
      warnings,
    }
  },
})

function lossOf({ privileges }: Token, removed: readonly string[]): readonly string[] {
  return privileges.filter((acl) => removed.includes(acl))
}

function unixSeconds(at: Date | undefined): number | null {
  return at === undefined ? null : Math.floor(at.getTime() / 1000)
}
