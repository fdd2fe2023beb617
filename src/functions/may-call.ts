import { type Caller, holds } from '../acl/caller.ts'
import type { WhmFunction } from './define.ts'

/** Says whether the caller's privileges, or their being in a browser session, open the function. */
export function mayCall(definition: WhmFunction, caller: Caller): boolean {
  const { acl } = definition
  if (acl === false) return true
  const opens = typeof acl === 'string' ? holds(caller, acl) : acl.some((one) => holds(caller, one))
  return opens || (definition.openToSessions === true && caller.credential.kind === 'session')
}
