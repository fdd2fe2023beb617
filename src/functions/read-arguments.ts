/** The arguments of a call, as the parameters of its function read them. */
import { parseArguments } from '../whm/params.ts'
import type { WhmFunction } from './define.ts'
import type { CallRequest } from './door.ts'
import type { UapiFunction } from './uapi/define.ts'

export type Definition = WhmFunction | UapiFunction
export type Read = ReturnType<typeof parseArguments>

/** What was read of a change's arguments, once: thousands of them take their time. Undefined: they cannot be read. */
const readOf = new WeakMap<CallRequest, Read | undefined>()

/** Throws a failure that names the argument. */
export function readArguments(definition: Definition, request: CallRequest): Read {
  if (isEmpty(definition.params)) return {}
  if (definition.effect !== 'write') return parseArguments(definition.params, request.args, request.now.getTime())
  readOf.set(request, undefined)
  const values = parseArguments(definition.params, request.args, request.now.getTime())
  readOf.set(request, values)
  return values
}

/** Most calls are of functions without arguments, which need neither a list of them nor the time. */
function isEmpty(params: object): boolean {
  for (const _ in params) return false
  return true
}

/** The target of a call that failed, as far as its arguments can be read. */
export function targetOf(definition: Definition | undefined, request: CallRequest): string {
  if (definition?.effect !== 'write') return ''
  try {
    const values = readOf.has(request) ? readOf.get(request) : readArguments(definition, request)
    return values === undefined ? '' : definition.audit(values)
  } catch {
    // Unreadable arguments are why the call failed; the entry then names no target.
    return ''
  }
}
