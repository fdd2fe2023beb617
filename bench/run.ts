/**
 * `npm run bench`: the figures that the README quotes. Everything that is compared is measured in one run and in turns, because the
 * machines this runs on are noisy; quote the ratios. BENCH_SECONDS and BENCH_TURNS shorten or lengthen it.
 */
import { availableParallelism } from 'node:os'
import { measureAccounts } from './accounts.ts'
import { pace, startFlood } from './flood.ts'
import { callsPerSecond, LOAD_PROGRAM } from './load.ts'
import { measurePages } from './pages.ts'
import {
  type Measured,
  type Prepared,
  prepareAccounts,
  prepareFolder,
  replyOf,
  residentMiB,
  startBare,
  startPostern,
  UNWATCHED,
} from './servers.ts'
import { measureZones } from './zones.ts'

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

function load(server: Measured, authorization: string, path = PATH): () => Promise<number> {
  return () => callsPerSecond({ url: server.url + path, authorization, connections: CONNECTIONS, seconds: SECONDS }, 1)
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
  const watched = await startPostern(few.folder)
  const unwatched = await startPostern(other.folder, { POSTERN_LEDGER_DAYS: '0' }, true, UNWATCHED)
  try {
    const { ratio } = await ratios(load(watched, few.authorization), load(unwatched, other.authorization))
    print(`with ledger, metrics and alerts, against without: ratio ${ratio.toFixed(3)} (goal 0.95)`)
  } finally {
    await watched.stop()
    await unwatched.stop()
    await other.remove()
  }
}

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

// Attacks of the benchmark come from this machine.
const COUNTING = { POSTERN_IGNORE_SELF: 'off' }
const FLOOD_A_SECOND = 2000
const FLOOD_ADDRESSES = 500
const SETTLE_MS = 8000
/** A call that costs the server much more than the load's core, which the flood comes from as well: else that core would be measured. */
const ACCOUNTS_LISTED = 20

async function underFlood(): Promise<void> {
  const prepared = await prepareAccounts(ACCOUNTS_LISTED)
  const postern = await startPostern(prepared.folder, COUNTING)
  const calls = load(postern, prepared.authorization, '/json-api/listaccts?api.version=1')
  const flooded = async (): Promise<number> => {
    const flood = await startFlood(postern.url, FLOOD_A_SECOND, FLOOD_ADDRESSES, 'tokens')
    try {
      // At first each address has attempts left that are looked at.
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
      return await calls()
    } finally {
      const { sent, answered, dropped, seconds } = await flood.stop()
      print(
        `  flood: ${Math.round(sent / seconds)} bad attempts/s got through, ${answered} of ${sent} answered; ${dropped} connections dropped`,
      )
    }
  }
  try {
    const { ratio, rates } = await ratios(flooded, calls)
    print(
      `listaccts of ${ACCOUNTS_LISTED} accounts under ${FLOOD_A_SECOND} bad attempts/s from ${FLOOD_ADDRESSES} addresses: ${Math.round(rates[0])} calls/s`,
    )
    print(`ratio to the same without: ${ratio.toFixed(3)} (goal 0.8)`)
  } finally {
    await postern.stop()
    await prepared.remove()
  }
}

const EVEN_SECONDS = Number(process.env.BENCH_EVEN_SECONDS ?? 60)

async function evenly(few: Prepared): Promise<void> {
  const postern = await startPostern(few.folder, {}, false)
  const url = postern.url + PATH
  try {
    const even = await pace(url, few.authorization, 1000, EVEN_SECONDS)
    print(
      `1,000 token calls/s for ${EVEN_SECONDS} s: ${even.errors} errors, p50 ${even.p50.toFixed(1)}, p99 ${even.p99.toFixed(1)}, p99.9 ${even.p999.toFixed(1)} ms (goals 0, -, 15, 100)`,
    )
    const before = residentMiB(postern.pid)
    const flood = await startFlood(postern.url, 200, 100, 'passwords')
    const paced = await pace(url, few.authorization, 200, EVEN_SECONDS / 2)
    const { sent, answered, statuses } = await flood.stop()
    print(
      `200 token calls/s beside 200 wrong passwords/s: p99 ${paced.p99.toFixed(1)} ms (goal 50), ${paced.errors} errors, ${answered} of ${sent} attempts answered (${JSON.stringify(statuses)}), memory + ${Math.round(residentMiB(postern.pid) - before)} MiB (goal under 200)`,
    )
  } finally {
    await postern.stop()
  }
}

print(
  `${availableParallelism()} cores, Node ${process.version}, load by ${LOAD_PROGRAM}, ${CONNECTIONS} keep-alive connections, ${TURNS} turns of ${SECONDS} s`,
)
const few = await prepareFolder(10)
const isQuick = process.argv.includes('--against-bare')
const isUnwatched = process.argv.includes('--against-unwatched')
const isTrouble = process.argv.includes('--in-trouble')
const many = isQuick || isUnwatched || isTrouble ? few : await prepareFolder(MANY)
try {
  if (!isUnwatched && !isTrouble) await againstBare(few)
  if (!isQuick && !isTrouble) await againstUnwatched(few)
  if (!isQuick && !isUnwatched) {
    await evenly(few)
    await underFlood()
  }
  if (!isQuick && !isUnwatched && !isTrouble) {
    await againstMany(few, many)
    await starts(few, many)
    await measureAccounts(print)
    await measureZones(print)
    await measurePages(print)
  }
} finally {
  await few.remove()
  await many.remove()
}
