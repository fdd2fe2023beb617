/**
 * Feature lists: which a caller may see and use, and what an account may use. Root sees all lists, a reseller their own (documented);
 * `default` is for use by everybody.
 */
import type { Account } from '../../accounts/account.ts'
import { Failure } from '../../failures.ts'
import {
  builtInList,
  DEFAULT_LIST,
  DISABLED_LIST,
  type FeatureList,
  featuresIn,
  withBuiltInLists,
} from '../../hosting/features.ts'
import { type Param, text } from '../../whm/params.ts'
import type { Context, Stores } from '../context.ts'

/** The features that the account may use now: those of its list, without what is off for everybody. */
export async function featuresOf(stores: Stores, account: Account): Promise<ReadonlySet<string>> {
  const list = await findList(stores, account.limits.FEATURELIST ?? DEFAULT_LIST)
  const disabled = await findList(stores, DISABLED_LIST)
  // A list that was taken away cannot say what it held; the account then has what everybody has.
  const chosen = list ?? (await findList(stores, DEFAULT_LIST))
  if (chosen === undefined || disabled === undefined) throw new Error('these two lists are always there')
  return featuresIn(chosen, disabled)
}

/** The list to give to a package or an account. Throws `feature-list-not-found`. */
export async function loadFeatureList({ stores, caller }: Context, name: string): Promise<FeatureList> {
  const list = await findList(stores, name)
  const isUsable = caller.kind === 'root' || list?.ownerId === caller.userId || name === DEFAULT_LIST
  if (list === undefined || !isUsable) throw new Failure('feature-list-not-found', { list: name })
  return list
}

/** In order of their names. */
export async function listFeatureListsInReach({ stores, caller }: Context): Promise<readonly FeatureList[]> {
  const saved = await stores.featureLists.list()
  return caller.kind === 'root' ? withBuiltInLists(saved) : saved.filter((list) => list.ownerId === caller.userId)
}

export async function findList(stores: Stores, name: string): Promise<FeatureList | undefined> {
  return (await stores.featureLists.find(name)) ?? builtInList(name)
}

/** The name of a feature list: one printable line without blanks at its ends; WHM's own samples hold blanks. */
export function featureListName(doc: string): Param<string> {
  return text({
    doc,
    min: 1,
    max: 64,
    only: /^(?! )[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\]*(?<! )$/u,
    onlyProblem: 'cannot be the name of a feature list',
  })
}
