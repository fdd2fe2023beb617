import type { ResellerLimits } from '../../accounts/reseller-limits.ts'
import type { Package } from '../../hosting/packages.ts'
import { optional } from '../../whm/params.ts'
import { oneOf } from '../accounts/forms.ts'
import { limitsOfCaller } from '../accounts/reseller-bounds.ts'
import { defineRead } from '../define.ts'
import { packageFacts } from './package-facts.ts'
import { listPackagesInReach, mayChange } from './packages-in-reach.ts'

/** Old clients find the same records under `package` (observed). */
export const listpkgs = defineRead({
  name: 'listpkgs',
  group: 'Packages',
  summary: 'List the packages that you may use, change or see.',
  source: 'WHM API 1, "List hosting plans"',
  acl: 'list-pkgs',
  params: {
    want: optional(
      oneOf(
        'creatable (when absent): for new accounts; editable: yours to change; viewable or all: those you may see.',
        ['creatable', 'editable', 'viewable', 'all'],
      ),
    ),
  },
  failures: [],
  v0: 'list',
  async run(context, { want = 'creatable' }) {
    const { caller, stores } = context
    const seen = await listPackagesInReach(stores, caller)
    const limits = await limitsOfCaller(context)
    const isWanted = (found: Package): boolean => {
      if (want === 'editable') return mayChange(caller, found)
      return want === 'creatable' ? isAllowed(limits, found.name) : true
    }
    const pkg = seen.filter(isWanted).map(packageFacts)
    return { data: { pkg }, dataOfV0: { package: pkg } }
  },
})

function isAllowed(limits: ResellerLimits, name: string): boolean {
  if (!limits.hasPackageLimits) return true
  return Object.hasOwn(limits.packages, name) && limits.packages[name]?.isAllowed === true
}
