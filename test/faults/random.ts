/** Random numbers that can be had again: the seed is printed, and POSTERN_SEED sets it. */
import { randomInt } from 'node:crypto'

export type Random = {
  readonly seed: number
  /** From 0 up to, but not, 1. */
  next(): number
  /** A whole number from 0 up to, but not, `end`. */
  below(end: number): number
}

export function makeRandom(what: string): Random {
  const seed = Number(process.env.POSTERN_SEED ?? randomInt(2 ** 31))
  console.log(`${what}: POSTERN_SEED=${seed}`)
  let state = seed
  // Mulberry32, a public-domain generator.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { seed, next, below: (end) => Math.floor(next() * end) }
}
