/** What `call()` runs with, and what it is asked. */
import type { Caller } from '../acl/caller.ts'
import type { NewAlert } from '../alerts/alert.ts'
import type { AuditEntry } from '../audit/entry.ts'
import type { HostTask } from '../hosting/host.ts'
import type { Arguments } from '../whm/arguments.ts'
import type { Api2Function } from './api2/define.ts'
import type { Services, Stores } from './context.ts'
import type { WhmFunction } from './define.ts'
import type { AccountNamed, UapiName } from './uapi/admit.ts'
import type { UapiIndex } from './uapi/catalogue.ts'

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

/** Which calls stand around this one, and what is left for the request as a whole. */
export type Within = {
  readonly names: readonly string[]
  readonly budget: { calls: number; characters: number; readonly endMs: number }
}
