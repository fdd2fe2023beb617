/**
 * The one door. Whoever calls, by whatever credential and wire, passes here: find the function, hold the privilege, parse the
 * arguments, then run, and for a change write its audit entry in the same transaction. There is no other way to run a function.
 */
import type { Caller } from '../acl/caller.ts'
import type { NewAlert } from '../alerts/alert.ts'
import type { AuditEntry, Outcome as AuditOutcome } from '../audit/entry.ts'
import { Failure } from '../failures.ts'
import type { HostTask } from '../hosting/host.ts'
import type { Arguments } from '../whm/arguments.ts'
import { maskSecrets } from '../whm/mask.ts'
import { type Params, parseArguments } from '../whm/params.ts'
import type { Outcome } from '../whm/reply.ts'
import type { Api2Function } from './api2/define.ts'
import type { ReadContext, Services, Stores, ThroughContext, WriteContext } from './context.ts'
import { privilegesOf, type WhmFunction, type WriteRun } from './define.ts'
import { innerCalls, type Within } from './inner.ts'
import { mayCall } from './may-call.ts'
import { assertNoStraySecret } from './stray-secrets.ts'
import { type AccountNamed, admitToAccount, assertOpen, type UapiName } from './uapi/admit.ts'
import type { UapiIndex } from './uapi/catalogue.ts'
import type { OnAccount, UapiFunction } from './uapi/define.ts'

export type Door = {
  readonly catalogue: readonly WhmFunction[]
  readonly byName: ReadonlyMap<string, WhmFunction>
  readonly uapi: UapiIndex
  readonly api2: UapiIndex<Api2Function>
  readonly services: Services
  /** On committed state. */
  readonly stores: Stores
  /** Runs the work in one transaction with stores of its own; resolves when the commit is on disk. */
  write<T>(work: (stores: Stores) => Promise<T>, options: { readonly urgent: boolean }): Promise<T>
  /** The same caller as the transaction sees them: ended tokens and lost privileges throw `access-denied`. */
  refresh(stores: Stores, caller: Caller, now: Date): Promise<Caller>
  /** For refused and failed calls; written soon, in batches. */
  trail(entry: AuditEntry): void
  /** For alerts that belong to no change; written soon, in batches. In a transaction use its `stores.alerts`. */
  alert(alert: NewAlert): void
  /** Told of a function that is called within another call, before it runs. */
  usedInnerFunction(caller: Caller, name: string): void
  /** Told of each account, by user name or domain, that a call was done about. */
  usedAccount(caller: Caller, account: string): void
  /** Carries out and crosses off committed work on the machine; what fails stays listed and is tried again. */
  runHostTasks(ids: readonly { readonly id: number; readonly task: HostTask }[]): Promise<readonly string[]>
}

export type CallRequest = {
  readonly functionName: string
  readonly args: Arguments
  readonly requestId: string
  readonly now: Date
  /** Facts about the request that the trail should hold, such as a forged forwarding header. */
  readonly notes: Readonly<Record<string, string | number | readonly string[]>>
  /** The calls that this one stands within; undefined for one that came by itself. */
  readonly within?: Within
}

/** A call of a UAPI function on an account. */
export type UapiRequest = Omit<CallRequest, 'functionName'> & {
  readonly asked: UapiName
  readonly account: AccountNamed
}

type Details = Record<string, string | number | readonly string[]>

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
    const values = read(definition, request)
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
  return read(definition, request)
}

function assertMayCall(definition: WhmFunction, caller: Caller): void {
  if (mayCall(definition, caller)) return
  throw new Failure('privilege-missing', { function: definition.name, acl: privilegesOf(definition).join('” or “') })
}

type Definition = WhmFunction | UapiFunction
type Read = ReturnType<typeof parseArguments>

/** What was read of a change's arguments, once: thousands of them take their time. Undefined: they cannot be read. */
const readOf = new WeakMap<CallRequest, Read | undefined>()

function read(definition: Definition, request: CallRequest): Read {
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

/** `admit` throws unless the caller, as the stores know them, may; it gives what `run` sees beside what every function sees. */
async function change<More extends object>(
  door: Door,
  caller: Caller,
  request: CallRequest,
  definition: Definition & WriteRun<Params, unknown, More>,
  admit: (stores: Stores, caller: Caller) => More | Promise<More>,
): Promise<Outcome> {
  const before = await admit(door.stores, caller)
  const values = read(definition, request)
  const prepared = await definition.prepare?.(Object.assign(new Reading(door, caller, request), before), values)
  const undo: (() => Promise<void>)[] = []
  const tasks: { readonly id: number; readonly task: HostTask }[] = []
  const committed: (() => void | Promise<void>)[] = []
  try {
    await door.services.catchUpTrail()
    const outcome = await door.write(
      async (stores) => {
        tasks.length = 0
        committed.length = 0
        // The credential was checked before the transaction; it is checked again inside, so that check and act are one step.
        const fresh = await door.refresh(stores, caller, request.now)
        const more = await admit(stores, fresh)
        const details: Details = { ...request.notes, ...clashesOf(request) }
        const context: WriteContext & More = {
          ...more,
          caller: fresh,
          now: request.now,
          stores,
          services: door.services,
          catalogue: door.catalogue,
          note: (key, value) => {
            details[key] = value
          },
          afterCommit: async (task) => void tasks.push({ id: await stores.hostTasks.add(task, request.now), task }),
          onCommit: (step) => void committed.push(step),
          onRollback: (step) => void undo.push(step),
        }
        const result = await definition.run(context, values, prepared)
        assertNoStraySecret(definition.params, request.args)
        await stores.audit.append([
          entryOf(fresh, request, definition.audit(values), 'done', result.reason ?? 'OK', details),
        ])
        return result
      },
      { urgent: definition.urgent === true },
    )
    for (const step of committed) await step()
    const warnings = await door.runHostTasks(tasks)
    return warnings.length === 0 ? outcome : { ...outcome, warnings: [...(outcome.warnings ?? []), ...warnings] }
  } catch (error) {
    // Whether an unknown commit happened is found out at the next start; until then nothing is taken back.
    const isUnknown = error instanceof Failure && error.code === 'commit-unknown'
    if (!isUnknown) for (const step of undo.reverse()) await step()
    throw error
  }
}

/** What a read sees: a class, because it is made on each call, and methods cost nothing to make. */
class Reading implements ReadContext {
  readonly caller: Caller
  readonly stores: Stores
  readonly services: Services
  readonly catalogue: readonly WhmFunction[]
  readonly #door: Door
  readonly #request: CallRequest

  constructor(door: Door, caller: Caller, request: CallRequest) {
    this.caller = caller
    this.stores = door.stores
    this.services = door.services
    this.catalogue = door.catalogue
    this.#door = door
    this.#request = request
  }

  get now(): Date {
    return this.#request.now
  }

  reportFailure(reason: string, more: Readonly<Record<string, string>> = {}): void {
    const details = { ...this.#request.notes, ...clashesOf(this.#request), ...more }
    this.#door.trail(entryOf(this.caller, this.#request, '', 'failed', reason, details))
  }
}

/** A name that came in the query and in the body: the body won, and the trail says so. */
function clashesOf(request: CallRequest): Details {
  return request.args.clashes.length === 0 ? {} : { given_twice: request.args.clashes }
}

function recordAndThrow(
  door: Door,
  caller: Caller,
  request: CallRequest,
  definition: Definition | undefined,
  error: unknown,
): never {
  const outcome = error instanceof Failure && error.http === 403 ? 'refused' : 'failed'
  const details = { ...request.notes, ...clashesOf(request) }
  door.trail(entryOf(caller, request, targetOf(definition, request), outcome, reasonOf(error), details))
  throw error
}

/** For the trail. A credential that ended between the door and the transaction carries the exact refusal as its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Failure)) return 'internal'
  if (error.code === 'access-denied' && typeof error.cause === 'string') return error.cause
  return `${error.code}: ${error.message}`
}

/** The target of a call that failed, as far as its arguments can be read. */
function targetOf(definition: Definition | undefined, request: CallRequest): string {
  if (definition?.effect !== 'write') return ''
  try {
    const values = readOf.has(request) ? readOf.get(request) : read(definition, request)
    return values === undefined ? '' : definition.audit(values)
  } catch {
    // Unreadable arguments are why the call failed; the entry then names no target.
    return ''
  }
}

function entryOf(
  caller: Caller,
  request: CallRequest,
  target: string,
  outcome: AuditOutcome,
  reason: string,
  details: Details,
): AuditEntry {
  const { credential } = caller
  return {
    at: request.now,
    requestId: request.requestId,
    caller: caller.user,
    credential: credential.kind,
    tokenId: credential.kind === 'token' ? credential.tokenId : undefined,
    tokenName: credential.kind === 'token' ? credential.tokenName : undefined,
    address: caller.address,
    function: maskSecrets(request.functionName),
    target: maskSecrets(target),
    outcome,
    reason: maskSecrets(reason),
    details: maskDetails(details),
  }
}

/** A secret that was sent in the wrong place, as a token's name for instance, stays out of the trail. */
function maskDetails(details: Details): Details {
  const mask = (value: Details[string]) => {
    if (typeof value === 'number') return value
    return typeof value === 'string' ? maskSecrets(value) : value.map(maskSecrets)
  }
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, mask(value)]))
}
