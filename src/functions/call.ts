/**
 * The one door. Whoever calls, by whatever credential and wire, passes here: find the function, hold the privilege, parse the
 * arguments, then run, and for a change write its audit entry in the same transaction. There is no other way to run a function.
 */
import type { Caller } from '../acl/caller.ts'
import { Failure } from '../failures.ts'
import type { Outcome } from '../whm/reply.ts'
import { type Details, recordAndThrow } from './call-entry.ts'
import { change } from './change.ts'
import type { Stores, ThroughContext } from './context.ts'
import { privilegesOf, type WhmFunction } from './define.ts'
import type { CallRequest, Door, UapiRequest } from './door.ts'
import { innerCalls } from './inner.ts'
import { mayCall } from './may-call.ts'
import { type Read, readArguments } from './read-arguments.ts'
import { Reading } from './reading.ts'
import { admitToAccount, assertOpen } from './uapi/admit.ts'
import type { UapiIndex } from './uapi/catalogue.ts'
import type { OnAccount } from './uapi/define.ts'

/** Runs one function for a caller. Throws `Failure` for every known refusal; the trail has it by then. */
export function call(door: Door, caller: Caller, request: CallRequest): Outcome | Promise<Outcome> {
  const definition = door.byName.get(request.functionName)
  // Reads without arguments of their own, such as `version`, end here without a promise: it is the path of most calls.
  if (definition?.effect === 'read') {
    try {
      const values = admit(definition, caller, request)
      const outcome = definition.run(new Reading(door, caller, request), values)
      if (!(outcome instanceof Promise)) {
        noteAccount(door, caller, request)
        return outcome
      }
      return outcome.then(
        (done) => {
          noteAccount(door, caller, request)
          return done
        },
        (error: unknown) => recordAndThrow(door, caller, request, definition, error),
      )
    } catch (error) {
      return recordAndThrow(door, caller, request, definition, error)
    }
  }
  const work =
    definition?.effect === 'through'
      ? callThrough(door, caller, request, definition)
      : changeAsWhm(door, caller, request, definition)
  return work.then(
    (done) => {
      noteAccount(door, caller, request)
      return done
    },
    (error: unknown) => recordAndThrow(door, caller, request, definition, error),
  )
}

async function callThrough(
  door: Door,
  caller: Caller,
  request: CallRequest,
  definition: WhmFunction & { readonly effect: 'through' },
): Promise<Outcome> {
  const values = admit(definition, caller, request)
  return definition.run(throughContext(door, caller, request, definition.name), values)
}

function throughContext(door: Door, caller: Caller, request: CallRequest, name: string): ThroughContext {
  const inner = innerCalls(door, caller, name, request, {
    whm: (now, one) => call(door, now, one),
    uapi: (now, one) => callUapi(door, now, one),
    api2: (now, one) => callApi2(door, now, one),
  })
  return Object.assign(new Reading(door, caller, request), { inner })
}

/** How WHM's functions name the account that they are about. */
const ACCOUNT_ARGUMENTS = ['user', 'username', 'domain']
const ACCOUNT_MAX_LENGTH = 255

/** The ledger shows which accounts a token was used on; what names none is left out where it is written. */
function noteAccount(door: Door, caller: Caller, { args }: CallRequest): void {
  // Most calls have no argument but the version.
  if (args.values.size <= 1 || caller.credential.kind !== 'token') return
  const given = ACCOUNT_ARGUMENTS.map((name) => args.values.get(name)?.[0]).find((value) => value !== undefined)
  if (given !== undefined && given.length <= ACCOUNT_MAX_LENGTH) door.usedAccount(caller, given.toLowerCase())
}

/** Runs one UAPI function on an account, through the same door. Throws `Failure` for every known refusal; the trail has it by then. */
export function callUapi(door: Door, caller: Caller, request: UapiRequest): Promise<Outcome> {
  return callOnAccount(door, door.uapi, caller, request)
}

function callApi2(door: Door, caller: Caller, request: UapiRequest): Promise<Outcome> {
  return callOnAccount(door, door.api2, caller, { ...request, notes: { ...request.notes, api_version: 2 } })
}

async function callOnAccount(
  door: Door,
  index: UapiIndex,
  caller: Caller,
  { asked, account: named, ...rest }: UapiRequest,
): Promise<Outcome> {
  const notes: Details = { ...rest.notes }
  let account = ''
  if (named.by === 'user') notes.account = named.user
  const request: CallRequest = { ...rest, functionName: `${asked.module}::${asked.function}`, notes }
  const definition = index.byName.get(request.functionName)
  const admit = async (stores: Stores, now: Caller): Promise<OnAccount> => {
    const on = await admitToAccount(stores, now, named, asked)
    account = on.account.user
    if (named.by !== 'caller') notes.account = account
    if (definition === undefined) throw index.whyMissing(asked)
    assertOpen(definition, now, on)
    return on
  }
  try {
    if (definition?.effect === 'write') {
      const done = await change(door, caller, request, definition, admit)
      door.usedAccount(caller, account)
      return done
    }
    const on = await admit(door.stores, caller)
    if (definition === undefined) throw new Error('a function that does not exist was opened')
    const values = readArguments(definition, request)
    const done =
      definition.effect === 'read'
        ? await definition.run(Object.assign(new Reading(door, caller, request), on), values)
        : await definition.run(Object.assign(throughContext(door, caller, request, definition.name), on), values)
    door.usedAccount(caller, account)
    return done
  } catch (error) {
    return recordAndThrow(door, caller, request, definition, error)
  }
}

function admit(definition: WhmFunction, caller: Caller, request: CallRequest): Read {
  assertMayCall(definition, caller)
  return readArguments(definition, request)
}

function assertMayCall(definition: WhmFunction, caller: Caller): void {
  if (mayCall(definition, caller)) return
  throw new Failure('privilege-missing', { function: definition.name, acl: privilegesOf(definition).join('” or “') })
}

async function changeAsWhm(
  door: Door,
  caller: Caller,
  request: CallRequest,
  definition: WhmFunction | undefined,
): Promise<Outcome> {
  if (definition === undefined) throw new Failure('unknown-function', { function: request.functionName })
  if (definition.effect !== 'write') throw new Error('only changes run in a transaction')
  return change(door, caller, request, definition, (_stores, now) => {
    assertMayCall(definition, now)
    return {}
  })
}
