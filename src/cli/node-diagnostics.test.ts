import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../config/problem.ts'
import { refuseNodeDiagnostics } from './node-diagnostics.ts'

const refuses = (env: Record<string, string>, execArgv: readonly string[] = []): string => {
  try {
    refuseNodeDiagnostics(env, execArgv)
  } catch (error) {
    assert.ok(error instanceof Problem)
    return error.message
  }
  return assert.fail(`accepted: ${JSON.stringify({ env, execArgv })}`)
}

test('K5: the server does not start with debug output, a debugger, reports, heap snapshots or TLS key logs', () => {
  assert.match(refuses({ NODE_DEBUG: 'http' }), /with NODE_DEBUG:/)
  assert.match(refuses({ NODE_DEBUG_NATIVE: 'tls' }), /with NODE_DEBUG_NATIVE:/)
  for (const option of [
    '--inspect',
    '--inspect=0',
    '--inspect-brk',
    '--report-on-fatalerror',
    '--report_on_fatalerror',
    '--report-uncaught-exception',
    '--report-on-signal',
    '--heapsnapshot-signal=SIGUSR2',
    '--heapsnapshot-near-heap-limit=3',
    '--heap-prof',
    '--inspect-wait',
    '--tls-keylog=/tmp/k',
    '--trace-tls',
  ]) {
    const name = option.replaceAll('_', '-').split('=')[0] ?? ''
    assert.match(refuses({ NODE_OPTIONS: option }), new RegExp(`NODE_OPTIONS with ${name}:`))
    assert.match(
      refuses({ NODE_OPTIONS: `--max-old-space-size=99  "${option}"` }),
      new RegExp(`NODE_OPTIONS with ${name}:`),
    )
    assert.match(refuses({}, ['--no-warnings', option]), new RegExp(`Node.js option ${name}:`))
  }
})

test('K5: other Node options do not stop it', () => {
  const env = { NODE_OPTIONS: '--max-old-space-size=200 --require=./my--inspector.js', NODE_DEBUG: '' }
  refuseNodeDiagnostics(env, [
    '--disable-sigusr1',
    '--cpu-prof',
    '--inspect-publish-uid=stderr',
    '--inspect-port=0',
    '--report-signal=SIGUSR2',
    '--heapsnapshot-near-heap-limit=0',
  ])
})
