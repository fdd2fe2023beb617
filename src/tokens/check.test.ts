import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Address, parseAddress } from '../ip-rules/address.ts'
import { type CheckableToken, isAlarming, type Refusal, refusalOf } from './check.ts'

const NOW_MS = 1_800_000_000_000
const HERE = parseAddress('192.0.2.1') ?? assert.fail()
const FINE: CheckableToken = {
  expiresAt: undefined,
  pausedAt: undefined,
  revokedAt: undefined,
  owner: { user: 'root', isRemoved: false, isSuspended: false },
  allowsAddress: undefined,
  isFrozen: false,
  secret: { endsAt: undefined, endedAt: undefined },
}
const never = () => false

function refusal(change: Partial<CheckableToken>, user = 'root', address: Address | undefined = HERE) {
  return refusalOf({ ...FINE, ...change }, user, address, NOW_MS, never)
}

test('a token in order is allowed, from any address where it has no rules', () => {
  assert.equal(refusal({}), undefined)
  assert.equal(refusalOf(FINE, 'root', undefined, NOW_MS, never), undefined)
})

test('each reason alone refuses', () => {
  const owner = FINE.owner
  const at = new Date(NOW_MS - 1)
  const cases: readonly (readonly [Partial<CheckableToken>, Refusal])[] = [
    [{ owner: { ...owner, user: 'other' } }, 'other-user'],
    [{ owner: { ...owner, isRemoved: true } }, 'owner-removed'],
    [{ owner: { user: 'other', isRemoved: true, isSuspended: false } }, 'owner-removed'],
    [{ owner: { ...owner, isSuspended: true } }, 'owner-suspended'],
    [{ revokedAt: at }, 'revoked'],
    [{ secret: { endsAt: at, endedAt: undefined } }, 'secret-ended'],
    [{ secret: { endsAt: undefined, endedAt: at } }, 'secret-ended'],
    [{ isFrozen: true }, 'frozen'],
    [{ pausedAt: at }, 'paused'],
    [{ expiresAt: at }, 'expired'],
    [{ allowsAddress: never }, 'address-not-allowed'],
  ]
  for (const [change, expected] of cases) assert.equal(refusal(change), expected)
})

test('user names are compared byte for byte', () => {
  for (const user of ['ROOT', 'root ', ' root', 'root\0', 'rооt', '']) assert.equal(refusal({}, user), 'other-user')
})

test('E4: a token is good until the moment it expires, and refused at it', () => {
  assert.equal(refusal({ expiresAt: new Date(NOW_MS + 1) }), undefined)
  assert.equal(refusal({ expiresAt: new Date(NOW_MS) }), 'expired')
})

test('a replaced secret is good until the moment it ends, and not at it', () => {
  const endingAt = (ms: number) => ({ secret: { endsAt: new Date(ms), endedAt: undefined } })
  assert.equal(refusal(endingAt(NOW_MS + 1)), undefined)
  assert.equal(refusal(endingAt(NOW_MS)), 'secret-ended')
})

test('an unreadable address matches no rule, and an always-allowed one needs none', () => {
  const limited = { ...FINE, allowsAddress: (address: Address) => address === HERE }
  assert.equal(refusalOf(limited, 'root', HERE, NOW_MS, never), undefined)
  assert.equal(
    refusalOf(limited, 'root', undefined, NOW_MS, () => true),
    'address-not-allowed',
  )
  const elsewhere = parseAddress('203.0.113.1')
  assert.equal(refusalOf(limited, 'root', elsewhere, NOW_MS, never), 'address-not-allowed')
  assert.equal(
    refusalOf(limited, 'root', elsewhere, NOW_MS, () => true),
    undefined,
  )
})

const moments = fc.option(
  fc.integer({ min: -10, max: 10 }).map((ms) => new Date(NOW_MS + ms)),
  { nil: undefined },
)
const tokens: fc.Arbitrary<CheckableToken> = fc.record({
  expiresAt: moments,
  pausedAt: moments,
  revokedAt: moments,
  owner: fc.record({ user: fc.constantFrom('root', 'other'), isRemoved: fc.boolean(), isSuspended: fc.boolean() }),
  allowsAddress: fc.constantFrom(undefined, never, () => true),
  isFrozen: fc.boolean(),
  secret: fc.record({ endsAt: moments, endedAt: moments }),
})

test('whatever is true of a token, it is allowed only when nothing is against it', () => {
  fc.assert(
    fc.property(tokens, (token) => {
      const isFine =
        token.owner.user === 'root' &&
        !token.owner.isRemoved &&
        !token.owner.isSuspended &&
        token.revokedAt === undefined &&
        token.pausedAt === undefined &&
        !token.isFrozen &&
        token.secret.endedAt === undefined &&
        (token.secret.endsAt === undefined || token.secret.endsAt.getTime() > NOW_MS) &&
        (token.expiresAt === undefined || token.expiresAt.getTime() > NOW_MS) &&
        token.allowsAddress !== never
      assert.equal(refusalOf(token, 'root', HERE, NOW_MS, never) === undefined, isFine)
    }),
  )
})

test('always-allowed addresses help against nothing but address rules', () => {
  fc.assert(
    fc.property(tokens, (token) => {
      const strict = refusalOf(token, 'root', HERE, NOW_MS, never)
      const lenient = refusalOf(token, 'root', HERE, NOW_MS, () => true)
      assert.equal(lenient, strict === 'address-not-allowed' ? undefined : strict)
    }),
  )
})

test('T2: an alarm is raised where somebody must hold a real secret that is not theirs to use, and nowhere else', () => {
  const alarming: readonly Refusal[] = ['unknown-token', 'other-user', 'revoked', 'owner-removed']
  const quiet: readonly Refusal[] = [
    'malformed',
    'wrong-scheme',
    'check-characters-wrong',
    'owner-suspended',
    'paused',
    'expired',
    'address-not-allowed',
    'wrong-password',
    'unknown-user',
  ]
  for (const one of alarming) assert.equal(isAlarming(one), true, one)
  for (const one of quiet) assert.equal(isAlarming(one), false, one)
})
