/** How a function is described: once, as plain data. Router, applist, reference, CLI help and picker come from the lists of these. */
import type { FailureCode } from '../failures.ts'
import type { Params, Values } from '../whm/params.ts'
import type { Outcome, V0Style } from '../whm/reply.ts'
import type { ReadContext, ThroughContext, WriteContext } from './context.ts'

/** What is said of every function, whichever interface it belongs to. */
export type DescribedFunction<P extends Params> = {
  /** The wire name; `Module::function` in UAPI. */
  readonly name: string
  /** One sentence. */
  readonly summary: string
  /** Where the behaviour is documented, or `Postern`. */
  readonly source: string
  readonly params: P
  readonly failures: readonly FailureCode[]
}

/** `More` is what `run` sees beside what every function sees. */
export type ReadRun<P extends Params, More = unknown> = {
  readonly effect: 'read'
  run(context: ReadContext & More, values: Values<P>): Outcome | Promise<Outcome>
}

export type WriteRun<P extends Params, Prepared, More = unknown> = {
  readonly effect: 'write'
  /** Ends or narrows access: may use the disk's reserve, and goes before other changes. */
  readonly urgent?: true
  /** May take minutes (reading a whole home): the caller waits longer for it than for others. */
  readonly takesLong?: true
  /** What the audit entry names as the target. Never a secret. */
  audit(values: Values<P>): string
  /** Slow work that needs no transaction (hashing a password), done before it. */
  prepare?(context: ReadContext & More, values: Values<P>): Promise<Prepared>
  run(context: WriteContext & More, values: Values<P>, prepared: Prepared): Promise<Outcome>
}

/** Changes and holds nothing itself: it calls other functions, each of which passes the door by its own rules. */
export type ThroughRun<P extends Params, More = unknown> = {
  readonly effect: 'through'
  run(context: ThroughContext & More, values: Values<P>): Promise<Outcome>
}

type Described<P extends Params> = DescribedFunction<P> & {
  readonly group: string
  /** The privileges that open it, any one of them; `false` opens it to every authenticated caller. */
  readonly acl: string | readonly string[] | false
  /** For what people do with their own sign-in: a browser session may call it whatever its user's privileges are. */
  readonly openToSessions?: true
  /** The shape of the reply when a caller sends no `api.version` (WHM API 0). */
  readonly v0: V0Style
}

type Read<P extends Params> = Described<P> & ReadRun<P>
type Write<P extends Params, Prepared> = Described<P> & WriteRun<P, Prepared>
type Through<P extends Params> = Described<P> & ThroughRun<P>

/** A definition with its parameter types forgotten, so that all of them fit one list. */
export type WhmFunction = Read<Params> | Write<Params, unknown> | Through<Params>

/** Checks the definition's types; gives it back frozen. */
export function defineRead<const P extends Params>(definition: Omit<Read<P>, 'effect'>): WhmFunction {
  // `run` is only ever given what the same definition's `params` read.
  return Object.freeze({ ...definition, effect: 'read' }) as unknown as WhmFunction
}

/** As `defineRead`, for functions that change something. */
export function defineWrite<const P extends Params, Prepared = undefined>(
  definition: Omit<Write<P, Prepared>, 'effect'>,
): WhmFunction {
  // As above; `prepared` is what the same definition's `prepare` gave.
  return Object.freeze({ ...definition, effect: 'write' }) as unknown as WhmFunction
}

/** As `defineRead`, for functions that call others. */
export function defineThrough<const P extends Params>(definition: Omit<Through<P>, 'effect'>): WhmFunction {
  // As above.
  return Object.freeze({ ...definition, effect: 'through' }) as unknown as WhmFunction
}

/** The privileges that open a function; empty when every authenticated caller may call it. */
export function privilegesOf(definition: WhmFunction): readonly string[] {
  if (definition.acl === false) return []
  return typeof definition.acl === 'string' ? [definition.acl] : definition.acl
}
