/** What an account may use: access to UAPI hangs on the account's feature list, not on privileges (WHM, "Introduction to UAPI"). */
import type { Account } from '../../accounts/account.ts'
import type { Stores } from '../context.ts'

export type Features = { has(feature: string): boolean }

const EVERY_FEATURE: Features = { has: () => true }

/** The features that the account has now. There are no feature lists yet but the default one, which holds every feature. */
export async function featuresOf(_stores: Stores, _account: Account): Promise<Features> {
  return EVERY_FEATURE
}
