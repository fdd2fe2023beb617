import type { Caller } from '../acl/caller.ts'
import { clashesOf, entryOf } from './call-entry.ts'
import type { ReadContext, Services, Stores } from './context.ts'
import type { WhmFunction } from './define.ts'
import type { CallRequest, Door } from './door.ts'

/** What a read sees: a class, because it is made on each call, and methods cost nothing to make. */
export class Reading implements ReadContext {
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
