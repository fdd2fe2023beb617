import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatReport } from './report.ts'

const token = {
  postern_id: 'tok_a',
  name: 'backup',
  owner: 'root',
  postern_last_used: 1_700_000_000,
  postern_last_used_from: '192.0.2.1',
  privileges: [],
}

test('a paragraph for each thing that was found, a line for each token, and nothing of what was not found', () => {
  const text = formatReport({
    tokens: 7,
    findings: [
      { title: 'Never expires', advice: 'Set a date.', count: 1, tokens: [token] },
      { title: 'Has expired', advice: 'Revoke it.', count: 0, tokens: [] },
      {
        title: 'Has privileges',
        advice: 'Take them away.',
        count: 1,
        tokens: [{ ...token, postern_last_used: null, privileges: ['kill-acct', 'passwd'] }],
      },
    ],
  })
  assert.equal(
    text,
    `7 tokens.

Never expires: 1
  Set a date.
  root  backup  tok_a  last used 2023-11-14T22:13:20.000Z from 192.0.2.1

Has privileges: 1
  Take them away.
  root  backup  tok_a  never used: kill-acct, passwd
`,
  )
})

test('where nothing was found that is said', () => {
  assert.equal(formatReport({ tokens: 1, findings: [] }), '1 token. Nothing was found.\n')
})
