/** Counting by name, as cheaply as it can be: nearly always the name that came last comes again. No I/O. */

/** What a name in the ledger is. */
export type LedgerKind = 'function' | 'account' | 'address' | 'refusal'

/** Calls of one token within one hour that have this name in common. */
export type LedgerCount = {
  readonly tokenId: string
  readonly kind: LedgerKind
  /** Unix milliseconds of the hour's beginning. */
  readonly hourMs: number
  readonly name: string
  readonly calls: number
  readonly lastMs: number
}

/** Stands for all names beyond those that are told apart. */
export const OTHER_NAMES = '(other)'

/** So many names are told apart between two writes, a second apart. */
const NAMES_MAX = 500
/** While nothing can be written, so many counts wait; further names are left out. */
const COUNTS_MAX = 100_000

type Cell = { readonly name: string; calls: number }

export class Tally {
  #last: Cell = { name: '', calls: 0 }
  #cells: Map<string, Cell> | undefined

  count(name: string): void {
    if (this.#last.name === name) this.#last.calls += 1
    else this.#countOther(name)
  }

  /** Gives the counts, and begins anew. */
  take(): readonly (readonly [name: string, calls: number])[] {
    const cells = this.#cells === undefined ? [this.#last] : [...this.#cells.values()]
    this.#last = { name: '', calls: 0 }
    this.#cells = undefined
    return cells.filter(({ calls }) => calls > 0).map(({ name, calls }) => [name, calls])
  }

  #countOther(name: string): void {
    if (this.#last.calls === 0 && this.#cells === undefined) {
      this.#last = { name, calls: 1 }
      return
    }
    this.#cells ??= new Map([[this.#last.name, this.#last]])
    const known = this.#cells.size < NAMES_MAX || this.#cells.has(name) ? name : OTHER_NAMES
    let cell = this.#cells.get(known)
    if (cell === undefined) {
      cell = { name: known, calls: 0 }
      this.#cells.set(known, cell)
    }
    cell.calls += 1
    this.#last = cell
  }
}

/** Adds counts to those of the same token, kind, hour and name. */
export function mergeCounts(into: Map<string, LedgerCount>, counts: readonly LedgerCount[]): void {
  for (const count of counts) {
    const key = `${count.tokenId} ${count.kind} ${count.hourMs} ${count.name}`
    const before = into.get(key)
    if (before === undefined) {
      if (into.size < COUNTS_MAX) into.set(key, count)
    } else {
      into.set(key, { ...before, calls: before.calls + count.calls, lastMs: Math.max(before.lastMs, count.lastMs) })
    }
  }
}
