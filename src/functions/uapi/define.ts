/**
 * How a function of a hosting account is described: as in `../define.ts`, but opened by a feature of the account instead of a
 * privilege of the caller, and run on one account. UAPI's functions are these; API 2's are described in the same way.
 */
import type { Account } from '../../accounts/account.ts'
import type { Params } from '../../whm/params.ts'
import type { DescribedFunction, ReadRun, ThroughRun, WriteRun } from '../define.ts'
import type { AccountNamed } from './admit.ts'

/** What `run` sees beside what every function sees: whose account it is, whoever called. */
export type OnAccount = {
  readonly account: Account
  readonly features: ReadonlySet<string>
  /** How the account was named, for calls of further functions on it. */
  readonly named: AccountNamed
}

type Described<P extends Params> = DescribedFunction<P> & {
  /** Module and function as on the wire, where their case counts (documented). */
  readonly module: string
  readonly function: string
  /** The feature of the account's feature list that opens it; `false` opens it to every account. */
  readonly feature: string | false
}

type Read<P extends Params> = Described<P> & ReadRun<P, OnAccount>
type Write<P extends Params, Prepared> = Described<P> & WriteRun<P, Prepared, OnAccount>
type Through<P extends Params> = Described<P> & ThroughRun<P, OnAccount>

/** A definition with its parameter types forgotten, so that all of them fit one list. */
export type UapiFunction = Read<Params> | Write<Params, unknown> | Through<Params>

/** Checks the definition's types; gives it back named `Module::function` and frozen. */
export function defineUapiRead<const P extends Params>(definition: Omit<Read<P>, 'effect' | 'name'>): UapiFunction {
  // `run` is only ever given what the same definition's `params` read.
  return Object.freeze({ ...definition, name: nameOf(definition), effect: 'read' }) as unknown as UapiFunction
}

/** As `defineUapiRead`, for functions that change something. */
export function defineUapiWrite<const P extends Params, Prepared = undefined>(
  definition: Omit<Write<P, Prepared>, 'effect' | 'name'>,
): UapiFunction {
  // As above; `prepared` is what the same definition's `prepare` gave.
  return Object.freeze({ ...definition, name: nameOf(definition), effect: 'write' }) as unknown as UapiFunction
}

/** As `defineUapiRead`, for functions that call others. */
export function defineUapiThrough<const P extends Params>(
  definition: Omit<Through<P>, 'effect' | 'name'>,
): UapiFunction {
  // As above.
  return Object.freeze({ ...definition, name: nameOf(definition), effect: 'through' }) as unknown as UapiFunction
}

function nameOf(definition: { readonly module: string; readonly function: string }): string {
  return `${definition.module}::${definition.function}`
}
