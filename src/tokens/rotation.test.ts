import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AskedRotation, type OldSecret, planRotation } from './rotation.ts'

const now = new Date('2026-11-25T12:00:00Z')
const later = new Date('2026-11-26T12:00:00Z')

const oldSecret = (number: number, more: Partial<OldSecret> = {}): OldSecret => ({
  number,
  madeAt: now,
  replacedAt: now,
  rotationKey: undefined,
  overlap: '86400',
  endsAt: later,
  endsWithFirstUse: false,
  endedAt: undefined,
  endReason: '',
  ...more,
})
const forADay = (key?: string): AskedRotation => ({
  overlap: { kind: 'until', endsAt: later },
  overlapText: '86400',
  key,
})

test('the secret of now works on until its moment, until the first use, or ends at once', () => {
  const token = { secretNumber: 1, awaitsFirstUse: false }
  const until = planRotation(token, [], forADay('k'), now)
  assert.deepEqual(until, {
    replaced: {
      rotationKey: 'k',
      overlap: '86400',
      endsAt: later,
      endsWithFirstUse: false,
      endedAt: undefined,
      endReason: '',
    },
    endNow: [],
    isRepeat: false,
  })
  const firstUse = planRotation(
    token,
    [],
    { ...forADay(), overlap: { kind: 'first-use' }, overlapText: 'first-use' },
    now,
  )
  assert.deepEqual(
    [firstUse.replaced.endsAt, firstUse.replaced.endsWithFirstUse, firstUse.replaced.endedAt],
    [undefined, true, undefined],
  )
  const atOnce = planRotation(token, [], { ...forADay(), overlap: { kind: 'none' }, overlapText: '0' }, now)
  assert.deepEqual([atOnce.replaced.endedAt, atOnce.replaced.endReason], [now, 'rotated'])
})

test('ending the secret at once ends every older one that still works; an overlap leaves them', () => {
  const token = { secretNumber: 4, awaitsFirstUse: false }
  const old = [
    oldSecret(3),
    oldSecret(2, { endedAt: now, endReason: 'ended' }),
    oldSecret(1, { endsAt: undefined, endsWithFirstUse: true }),
  ]
  assert.deepEqual(
    planRotation(token, old, { ...forADay(), overlap: { kind: 'none' }, overlapText: '0' }, now).endNow,
    [3, 1],
  )
  assert.deepEqual(planRotation(token, old, forADay(), now).endNow, [])
})

test('the same key again, before the new secret was used, ends the undelivered one and leaves the rest as it was', () => {
  const token = { secretNumber: 2, awaitsFirstUse: true }
  const again = planRotation(token, [oldSecret(1, { rotationKey: 'k' })], forADay('k'), now)
  assert.equal(again.isRepeat, true)
  assert.deepEqual([again.replaced.endedAt, again.replaced.endReason, again.endNow], [now, 'undelivered', []])
  // And again: the undelivered one carries the key on.
  const third = { secretNumber: 3, awaitsFirstUse: true }
  const old = [oldSecret(2, { ...again.replaced }), oldSecret(1, { rotationKey: 'k' })]
  assert.equal(planRotation(third, old, forADay('k'), now).isRepeat, true)
})

test('a key that has done its work, or came with another overlap, is refused', () => {
  const old = [oldSecret(1, { rotationKey: 'k' })]
  const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected
  assert.throws(
    () => planRotation({ secretNumber: 2, awaitsFirstUse: false }, old, forADay('k'), now),
    code('rotation-over'),
  )
  const rotatedSince = [oldSecret(2, { rotationKey: 'other' }), ...old]
  assert.throws(
    () => planRotation({ secretNumber: 3, awaitsFirstUse: true }, rotatedSince, forADay('k'), now),
    code('rotation-over'),
  )
  const other = { ...forADay('k'), overlapText: '3600' }
  assert.throws(
    () => planRotation({ secretNumber: 2, awaitsFirstUse: true }, old, other, now),
    code('arguments-disagree'),
  )
  const past = { overlap: { kind: 'until', endsAt: now }, overlapText: 'until 1', key: undefined } as const
  assert.throws(() => planRotation({ secretNumber: 2, awaitsFirstUse: true }, [], past, now), code('argument-invalid'))
})
