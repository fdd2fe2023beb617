/**
 * Node.js options that show what is in the server's memory or on its connections: debuggers, reports, heap snapshots, TLS key logs,
 * and NODE_DEBUG, which prints headers. With one of them every credential can be read, so the server does not start.
 */
import { Problem } from '../config/problem.ts'
import type { Environment } from '../config/settings.ts'

// Whole names: `--inspect-port`, `--report-signal` and the like open nothing by themselves, and Node's test runner sets them.
const NAMES = [
  'inspect(?:-brk|-brk-node|-wait)?',
  'report-(?:on-fatalerror|on-signal|uncaught-exception)',
  'heapsnapshot-(?:signal|near-heap-limit(?!=0))',
  'heap-prof',
  'tls-keylog',
  'trace-tls',
  'abort-on-uncaught-exception',
]
const OPTION = new RegExp(`(?:^|[\\s"'=])(--(?:${NAMES.join('|')}))(?![a-z-])`)

/** Throws a Problem that names the option and where it stands. */
export function refuseNodeDiagnostics(env: Environment, execArgv: readonly string[]): void {
  for (const name of ['NODE_DEBUG', 'NODE_DEBUG_NATIVE']) {
    if ((env[name] ?? '') !== '') throw refusal(name, `unset ${name}`)
  }
  const inOptions = findOption(env.NODE_OPTIONS ?? '')
  if (inOptions !== undefined) throw refusal(`NODE_OPTIONS with ${inOptions}`, `remove ${inOptions} from NODE_OPTIONS`)
  const given = execArgv.map(findOption).find((option) => option !== undefined)
  if (given !== undefined) throw refusal(`Node.js option ${given}`, `start the server without ${given}`)
}

/** Node takes `_` for `-` in its options. */
const findOption = (text: string): string | undefined => OPTION.exec(text.replaceAll('_', '-'))?.[1]

function refusal(what: string, hint: string): Problem {
  return new Problem(`the server does not start with ${what}: it would show tokens and passwords`, hint)
}
