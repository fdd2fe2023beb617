import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Clock } from './clock.ts'

const HOUR_MS = 3_600_000

/** A clock whose two sources the test moves. */
function madeClock(latestMs: number, wallMs: number) {
  const source = { wallMs, monotonicMs: 0 }
  const clock = new Clock(
    latestMs,
    () => source.wallMs,
    () => source.monotonicMs,
  )
  return {
    clock,
    pass(ms: number) {
      source.wallMs += ms
      source.monotonicMs += ms
    },
    turnTo(ms: number) {
      source.wallMs = ms
    },
  }
}

test('the clock shows the wall clock as long as that goes forward, jumps included', () => {
  const { clock, pass, turnTo } = madeClock(0, 1_000_000)
  assert.equal(clock.nowMs(), 1_000_000)
  pass(500)
  assert.equal(clock.nowMs(), 1_000_500)
  turnTo(1_000_500 + 365 * 24 * HOUR_MS)
  assert.equal(clock.nowMs(), 1_000_500 + 365 * 24 * HOUR_MS)
  assert.equal(clock.behindMs(), 0)
})

test('after the wall clock was set back, time goes on from the latest moment seen', () => {
  const { clock, pass, turnTo } = madeClock(0, 10 * HOUR_MS)
  assert.equal(clock.nowMs(), 10 * HOUR_MS)
  turnTo(8 * HOUR_MS)
  pass(60_000)
  assert.equal(clock.nowMs(), 10 * HOUR_MS + 60_000)
  assert.equal(clock.behindMs(), 2 * HOUR_MS)
  pass(2 * HOUR_MS)
  assert.equal(clock.nowMs(), 12 * HOUR_MS + 60_000)
  turnTo(13 * HOUR_MS)
  assert.equal(clock.nowMs(), 13 * HOUR_MS)
  assert.equal(clock.behindMs(), 0)
})

test('what an earlier run saw is the least that the clock shows', () => {
  const { clock, pass } = madeClock(5 * HOUR_MS, HOUR_MS)
  assert.equal(clock.nowMs(), 5 * HOUR_MS)
  pass(1000)
  assert.deepEqual(clock.now(), new Date(5 * HOUR_MS + 1000))
  assert.equal(clock.behindMs(), 4 * HOUR_MS)
})

test('a wall clock that runs a little slow is followed, and no warning comes of it', () => {
  const { clock, pass, turnTo } = madeClock(0, 1_000_000)
  let wall = 1_000_000
  for (let step = 0; step < 1000; step += 1) {
    clock.nowMs()
    pass(10)
    wall += 9.5
    turnTo(wall)
  }
  assert.equal(clock.nowMs(), Math.floor(wall))
  assert.equal(clock.behindMs(), 0)
})

test('another clock is followed by its distance, and cannot turn this one back either', () => {
  const { clock, pass } = madeClock(0, HOUR_MS)
  clock.follow(3 * HOUR_MS)
  assert.equal(clock.nowMs(), 3 * HOUR_MS)
  clock.follow(2 * HOUR_MS)
  pass(1)
  assert.equal(clock.nowMs(), 3 * HOUR_MS + 1)
})

test('whatever the wall clock does, the clock never goes back', () => {
  const step = fc.record({
    turnBy: fc.oneof(fc.constant(0), fc.integer({ min: -10 * HOUR_MS, max: 10 * HOUR_MS })),
    pass: fc.nat(100_000),
  })
  fc.assert(
    fc.property(fc.array(step), fc.nat(20 * HOUR_MS), (steps, latestMs) => {
      let wall = 10 * HOUR_MS
      const { clock, pass, turnTo } = madeClock(latestMs, wall)
      let last = clock.nowMs()
      assert.ok(last >= latestMs)
      for (const { turnBy, pass: ms } of steps) {
        wall += turnBy
        turnTo(wall)
        pass(ms)
        wall += ms
        const now = clock.nowMs()
        assert.ok(now >= last, `${now} after ${last}`)
        last = now
      }
    }),
  )
})
