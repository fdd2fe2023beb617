/**
 * How often the tests of durability and concurrency repeat. A run of CI takes the first number; with POSTERN_TEST_FULL=1 the second
 * holds, which takes long and is meant for a release.
 */
const isFull = process.env.POSTERN_TEST_FULL === '1'

/** The number for CI, or the full one. */
export function times(usual: number, full: number): number {
  return isFull ? full : usual
}
