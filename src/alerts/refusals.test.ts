import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEntry } from '../audit/entry.ts'
import type { NewAlert } from './alert.ts'
import { makeRefusalWatch } from './refusals.ts'

const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  at: new Date(0),
  requestId: 'r-1',
  caller: 'rita',
  credential: 'none',
  tokenId: undefined,
  tokenName: undefined,
  address: '192.0.2.1',
  function: 'version',
  target: '',
  outcome: 'refused',
  reason: 'wrong-password',
  details: {},
  ...more,
})
const TOKEN = { credential: 'token', tokenId: 'tok_1', tokenName: 'backup' } as const

/** What is raised for the entries, with a limit of 3. */
function raised(...entries: readonly AuditEntry[]): readonly NewAlert[] {
  const alerts: NewAlert[] = []
  const watch = makeRefusalWatch({ burst: 3 }, (alert) => alerts.push(alert))
  for (const one of entries) watch(one)
  return alerts
}

test('an expired token that still knocks is a notice of its own', () => {
  const [alert] = raised(entry({ reason: 'expired', ...TOKEN }))
  assert.equal(alert?.kind, 'expired-token')
  assert.equal(alert?.about.tokenId, 'tok_1')
  assert.match(alert?.reason ?? '', /^The token “backup” of “rita” has expired and is still used from 192\.0\.2\.1\.$/)
})

test('noise raises nothing: wrong passwords, junk, missing privileges, failed calls', () => {
  const noise = [
    'wrong-password',
    'revoked',
    'unknown-token',
    'malformed',
    'check-characters-wrong',
    'privilege-missing: Permission denied',
  ]
  for (const reason of noise) assert.deepEqual(raised(entry({ reason })), [], reason)
  assert.deepEqual(raised(entry({ outcome: 'failed', reason: 'argument-missing: x' })), [])
})

test('a burst of refusals from one address is one alert that counts them all, within five minutes', () => {
  const alerts = raised(...Array.from({ length: 5 }, (_, n) => entry({ at: new Date(n * 1000) })))
  assert.deepEqual(
    alerts.map(({ kind, about, occurrences }) => [kind, about.address, occurrences]),
    [
      ['refusal-burst', '192.0.2.1', 3],
      ['refusal-burst', '192.0.2.1', 1],
      ['refusal-burst', '192.0.2.1', 1],
    ],
  )
  const slow = Array.from({ length: 9 }, (_, n) => entry({ at: new Date(n * 150_001) }))
  assert.deepEqual(raised(...slow), [])
})

test('refusals from many addresses, few from each, are a burst of the whole server', () => {
  const alerts = raised(...Array.from({ length: 30 }, (_, n) => entry({ address: `192.0.2.${n}` })))
  assert.deepEqual(
    alerts.map(({ about, occurrences }) => [about, occurrences]),
    [[{}, 30]],
  )
  assert.match(alerts[0]?.reason ?? '', /counted over all addresses/)
})

test('ten errors inside the server within a minute raise one alert, which names a request id', () => {
  const error = (seconds: number) =>
    entry({ outcome: 'failed', reason: 'internal', at: new Date(seconds * 1000), requestId: `r-${seconds}` })
  const alerts = raised(...Array.from({ length: 10 }, (_, n) => error(n)))
  assert.deepEqual(
    alerts.map(({ kind, occurrences, example }) => [kind, occurrences, example]),
    [['internal-errors', 10, 'r-9']],
  )
  assert.deepEqual(raised(...Array.from({ length: 20 }, (_, n) => error(n * 7))), [])
})
