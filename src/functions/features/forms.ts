/** What the functions that change feature lists share. */
import { FEATURE_IDS, type FeatureList } from '../../hosting/features.ts'
import { nameForReseller, prefixOf } from '../../hosting/packages.ts'
import { namedFlags } from '../../whm/flags-param.ts'
import type { Param } from '../../whm/params.ts'
import type { Context } from '../context.ts'
import { findList } from './lists.ts'

/** Each feature is an argument of its own name (documented). Arguments that are no feature are ignored, as elsewhere. */
export function featureFlags(doc: string): Param<ReadonlyMap<string, boolean>> {
  return namedFlags({ doc, names: FEATURE_IDS })
}

/** The whole list: what is not named is off. */
export function featuresFrom(flags: ReadonlyMap<string, boolean>): FeatureList['features'] {
  return Object.fromEntries(FEATURE_IDS.map((id) => [id, flags.get(id) === true]))
}

/** Where a list of the caller is kept, and whether there is one that the caller may replace, may not, or none at all. */
export async function placeOfList({ stores, caller }: Context, asked: string) {
  const name = caller.kind === 'root' ? asked : nameForReseller(caller.user, asked)
  const there = await findList(stores, name)
  const prefix = prefixOf(name)
  const owner = prefix === undefined ? undefined : await stores.accounts.findUser(prefix)
  const ownerOfNew = caller.kind === 'root' ? (owner?.kind === 'reseller' ? owner.id : undefined) : caller.userId
  const list = there ?? { name, ownerId: ownerOfNew, features: {} }
  const isOwn = caller.kind === 'root' || there?.ownerId === caller.userId
  const mayReplace = there === undefined ? ('none' as const) : isOwn ? ('yes' as const) : ('no' as const)
  return { list, mayReplace }
}
