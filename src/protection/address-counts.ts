/** How heavily each network failed within the window. In memory; what is needed after a restart is counted again from the store. */

type Window = { readonly atMs: number[]; readonly weights: number[] }

// Beyond this the networks that failed first are forgotten. A ban is never kept here, so none is lost.
const NETWORKS_MAX = 50_000

export class AddressCounts {
  readonly #windows = new Map<string, Window>()

  /** The sum of the weights since `sinceMs`, and of how many attempts. */
  since(network: string, sinceMs: number): { readonly score: number; readonly attempts: number } {
    const window = this.#windows.get(network)
    if (window === undefined) return { score: 0, attempts: 0 }
    forget(window, sinceMs)
    let score = 0
    for (const weight of window.weights) score += weight
    return { score, attempts: window.weights.length }
  }

  add(network: string, atMs: number, weight: number): void {
    let window = this.#windows.get(network)
    if (window === undefined) {
      if (this.#windows.size >= NETWORKS_MAX) this.#forgetOldest()
      window = { atMs: [], weights: [] }
      this.#windows.set(network, window)
    }
    window.atMs.push(atMs)
    window.weights.push(weight)
  }

  clear(network: string): void {
    this.#windows.delete(network)
  }

  clearAll(): void {
    this.#windows.clear()
  }

  /** Lets go of networks without a failure since then. */
  sweep(sinceMs: number): void {
    for (const [network, { atMs }] of this.#windows) if ((atMs.at(-1) ?? 0) <= sinceMs) this.#windows.delete(network)
  }

  #forgetOldest(): void {
    const oldest = this.#windows.keys().next().value
    if (oldest !== undefined) this.#windows.delete(oldest)
  }
}

function forget({ atMs, weights }: Window, sinceMs: number): void {
  let ended = 0
  while (ended < atMs.length && (atMs[ended] ?? 0) <= sinceMs) ended += 1
  if (ended === 0) return
  atMs.splice(0, ended)
  weights.splice(0, ended)
}
