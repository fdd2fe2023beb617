import { type Caller, holds } from '../acl/caller.ts'
import { privilegesOf, type WhmFunction } from './define.ts'

/** Says whether the caller's privileges open the function. */
export function mayCall(definition: WhmFunction, caller: Caller): boolean {
  const opening = privilegesOf(definition)
  return opening.length === 0 || opening.some((acl) => holds(caller, acl))
}
