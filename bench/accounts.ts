/**
 * `npm run bench`, the part about accounts: how long `listaccts` takes with ten thousand of them, whole, and searched and paged. One call
 * at a time over one connection, from the request to the last byte of the reply. Run alone: `node bench/accounts.ts`.
 */
import { Agent, get } from 'node:https'
import { prepareAccounts, startPostern } from './servers.ts'

const ACCOUNTS = 10_000
const CALLS = 15
const PAGED =
  'api.filter.enable=1&api.filter.a.field=plan&api.filter.a.type=eq&api.filter.a.arg0=basic&api.sort.enable=1&api.sort.a.field=user&api.chunk.enable=1&api.chunk.start=51&api.chunk.size=50'

const PARTS = [
  ['all', '', 300],
  ['filtered, sorted and paged', PAGED, 50],
  ['searched by user and paged', 'search=^u00&searchtype=user&api.chunk.enable=1&api.chunk.size=50', 50],
  [
    'first 50, with the keys that are wanted',
    'want=user,domain,suspended,diskused&api.chunk.enable=1&api.chunk.size=50',
    50,
  ],
] as const

/** Prints a line a part: the median time, and the goal. */
export async function measureAccounts(print: (line: string) => void): Promise<void> {
  const prepared = await prepareAccounts(ACCOUNTS)
  const server = await startPostern(prepared.folder)
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  try {
    for (const [name, query, goalMs] of PARTS) {
      const times: number[] = []
      for (let call = 0; call < CALLS; call += 1) {
        const url = `${server.url}/json-api/listaccts?api.version=1&${query}`
        times.push(await timeOf(url, prepared.authorization, agent))
      }
      times.sort((a, b) => a - b)
      const [median = Number.NaN, slowest = Number.NaN] = [times[Math.floor(CALLS / 2)], times.at(-1)]
      print(
        `listaccts with ${ACCOUNTS} accounts, ${name}: ${median.toFixed(1)} ms, slowest ${slowest.toFixed(1)} ms (goal ${goalMs})`,
      )
    }
  } finally {
    agent.destroy()
    await server.stop()
    await prepared.remove()
  }
}

function timeOf(url: string, authorization: string, agent: Agent): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { authorization } }, (reply) => {
      if (reply.statusCode !== 200) reject(new Error(`HTTP ${reply.statusCode}`))
      reply.on('data', () => {})
      reply.on('end', () => resolve(performance.now() - began))
    }).on('error', reject)
  })
}

if (import.meta.main) await measureAccounts((line) => void process.stdout.write(`${line}\n`))
