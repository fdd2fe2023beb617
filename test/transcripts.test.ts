/** Replays every transcript against a server of its own; `test/transcript.ts` says how they are written. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { startTestServer } from './start-server.ts'
import { matchReply, parseTranscript, play } from './transcript.ts'

const folder = join(import.meta.dirname, 'transcripts')
const files = globSync('*.txt', { cwd: folder }).sort()

describe('a transcript', () => {
  for (const file of files) {
    test(`${file} is what the server answers, byte for byte`, async () => {
      const steps = parseTranscript(readFileSync(join(folder, file), 'utf8'))
      assert.ok(steps.length > 0)
      const known = new Map<string, string>()
      const server = await startTestServer()
      try {
        for (const step of steps) {
          const actual = await play(server, step, known)
          const matched = matchReply(step.reply, actual)
          if (matched === undefined) assert.equal(actual, step.reply, `${file}, line ${step.line}`)
          for (const [name, value] of matched ?? []) known.set(name, value)
        }
      } finally {
        await server.close()
      }
    })
  }
})

describe('the replayer', () => {
  const known = (expected: string, actual: string) => {
    const matched = matchReply(expected, actual)
    return matched && Object.fromEntries(matched)
  }
  const token = `PSW${'0'.repeat(29)}`

  test('takes nothing for equal but what a placeholder allows', () => {
    assert.deepEqual(known('a.b', 'a.b'), {})
    assert.equal(known('a.b', 'axb'), undefined)
    assert.equal(known('a', 'a\n'), undefined)
    assert.deepEqual(known('{"token":"[token]"}', `{"token":"${token}"}`), { token })
    assert.equal(known('{"token":"[token]"}', '{"token":"PSW0"}'), undefined)
    assert.deepEqual(known('[time] [time]', '1795435200 1795435201'), {})
    assert.equal(known('x [any]', 'x 1\n2'), undefined)
    assert.deepEqual(known('["list-accts"]', '["list-accts"]'), {})
  })

  test('wants the same in both places of one reply', () => {
    assert.deepEqual(known('[token] [token]', `${token} ${token}`), { token })
    assert.equal(known('[token] [token]', `${token} ${token.replace('0', '1')}`), undefined)
  })

  test('refuses a file that it cannot read', () => {
    assert.throws(() => parseTranscript('> GET /\nHTTP/1.1 200 OK\n'), /line 2/)
    assert.throws(() => parseTranscript('< HTTP/1.1 200 OK\n'), /line 1/)
  })
})
