import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditArguments, formatEntry } from './audit.ts'
import { UsageProblem } from './command.ts'

test('filters are passed on as given, and times as Unix seconds', () => {
  const given = { caller: 'root', outcome: 'refused', since: '2026-12-31T23:59:59Z', limit: '5' }
  assert.deepEqual(auditArguments(given), { caller: 'root', outcome: 'refused', since: '1798761599', limit: '5' })
  assert.throws(() => auditArguments({ until: '2027-02-29' }), UsageProblem)
})

test('an entry is one line, whatever its caller wrote into it', () => {
  const line = formatEntry({
    time: 1798761599,
    outcome: 'refused',
    caller: 'ro\not\u001b[31m',
    credential: 'token',
    token_id: 'tk1',
    token_name: 'billing',
    address: '192.0.2.1',
    function: 'listaccts',
    target: '',
    reason: 'expired',
  })
  const expected =
    '2026-12-31T23:59:59.000Z refused ro\\u000aot\\u001b[31m token:billing(tk1) 192.0.2.1 listaccts - expired\n'
  assert.equal(line, expected)
})
