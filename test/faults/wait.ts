import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'

/** Looks again and again until it is so; gives the milliseconds it took. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  what = 'the condition',
): Promise<number> {
  const from = performance.now()
  while (!(await condition())) {
    assert.ok(performance.now() - from < withinMs, `${what} did not come within ${withinMs} ms`)
    await pause(5)
  }
  return performance.now() - from
}
