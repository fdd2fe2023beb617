import { type Caller, holds } from '../acl/caller.ts'
import type { WhmFunction } from './define.ts'

/** Says whether the caller's privileges open the function. */
export function mayCall(definition: WhmFunction, caller: Caller): boolean {
  const { acl } = definition
  if (acl === false) return true
  return typeof acl === 'string' ? holds(caller, acl) : acl.some((one) => holds(caller, one))
}
