/**
 * `npm run bench`: the figures that the README quotes. Everything that is compared is measured in one run and in turns, because the
 * machines this runs on are noisy; quote the ratios. BENCH_SECONDS and BENCH_TURNS shorten or lengthen it.
 */
import { availableParallelism } from 'node:os'
import { measureAccounts } from './accounts.ts'
import { callsPerSecond, LOAD_PROGRAM } from './load.ts'
import {
  type Measured,
  type Prepared,
  prepareFolder,
  replyOf,
  residentMiB,
  startBare,
  startPostern,
} from './servers.ts'

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4)
const TURNS = Number(process.env.BENCH_TURNS ?? 7)
const CONNECTIONS = 32
const MANY = 100_000
const PATH = '/json-api/version?api.version=1'

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Ratios of the first to the second, turn by turn, each turn in the other order. */
async function ratios(
  first: () => Promise<number>,
  second: () => Promise<number>,
): Promise<{ readonly ratio: number; readonly rates: readonly [number, number] }> {
  const pairs: [number, number][] = []
  for (let turn = 0; turn < TURNS; turn += 1) {
    if (turn % 2 === 0) {
      const a = await first()
      pairs.push([a, await second()])
    } else {
      const b = await second()
      pairs.push([await first(), b])
    }
  }
  return {
    ratio: median(pairs.map(([a, b]) => a / b)),
    rates: [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))],
  }
}

function load(server: Measured, authorization: string): () => Promise<number> {
  return () => callsPerSecond({ url: server.url + PATH, authorization, connections: CONNECTIONS, seconds: SECONDS }, 1)
}

async function againstBare(few: Prepared): Promise<void> {
  const postern = await startPostern(few.folder)
  const bare = await startBare(few.folder, await replyOf(postern.url + PATH, few.authorization))
  try {
    const { ratio, rates } = await ratios(load(postern, few.authorization), load(bare, few.authorization))
    print(`authenticated version call, audit and access line on: ${Math.round(rates[0])} calls/s`)
    print(`bare node:https with the same bytes:                  ${Math.round(rates[1])} calls/s`)
    print(`ratio: ${ratio.toFixed(3)} (goal 0.85)`)
  } finally {
    await postern.stop()
    await bare.stop()
  }
}

/** What watching costs: everything that is told of each call, against a server that keeps only last use and number of calls. */
async function againstUnwatched(few: Prepared): Promise<void> {
  const other = await prepareFolder(10)
  const watched = await startPostern(few.folder, WATCHED)
  const unwatched = await startPostern(other.folder, UNWATCHED)
  try {
    const { ratio } = await ratios(load(watched, few.authorization), load(unwatched, other.authorization))
    print(`with the ledger, against without: ratio ${ratio.toFixed(3)} (goal 0.95)`)
  } finally {
    await watched.stop()
    await unwatched.stop()
    await other.remove()
  }
}

const WATCHED = {}
const UNWATCHED = { POSTERN_LEDGER_DAYS: '0' }

async function againstMany(few: Prepared, many: Prepared): Promise<void> {
  const small = await startPostern(few.folder)
  const large = await startPostern(many.folder)
  try {
    const { ratio } = await ratios(load(large, many.authorization), load(small, few.authorization))
    print(`with ${MANY} tokens against 10: ratio ${ratio.toFixed(3)} (goal 0.95)`)
    print(`memory with ${MANY} tokens, after the load: ${Math.round(residentMiB(large.pid))} MiB (goal under 200)`)
  } finally {
    await small.stop()
    await large.stop()
  }
}

async function starts(few: Prepared, many: Prepared): Promise<void> {
  const timed = async ({ folder }: Prepared): Promise<number> => {
    const server = await startPostern(folder)
    await server.stop()
    return server.startMs
  }
  const [smallMs, largeMs]: [number[], number[]] = [[], []]
  for (let turn = 0; turn < TURNS; turn += 1) {
    smallMs.push(await timed(few))
    largeMs.push(await timed(many))
  }
  const slower = median(largeMs.map((ms, turn) => ms - (smallMs[turn] ?? 0)))
  print(
    `start: ${Math.round(median(smallMs))} ms with 10 tokens, ${Math.round(slower)} ms slower with ${MANY} (goal at most 500)`,
  )
}

print(
  `${availableParallelism()} cores, Node ${process.version}, load by ${LOAD_PROGRAM}, ${CONNECTIONS} keep-alive connections, ${TURNS} turns of ${SECONDS} s`,
)
const few = await prepareFolder(10)
const isQuick = process.argv.includes('--against-bare')
const isUnwatched = process.argv.includes('--against-unwatched')
const many = isQuick || isUnwatched ? few : await prepareFolder(MANY)
try {
  if (!isUnwatched) await againstBare(few)
  if (!isQuick) await againstUnwatched(few)
  if (!isQuick && !isUnwatched) {
    await againstMany(few, many)
    await starts(few, many)
    await measureAccounts(print)
  }
} finally {
  await few.remove()
  await many.remove()
}
