/**
 * `npm run bench`, the part about zones: how long `mass_edit_dns_zone` takes on a zone of five thousand records, to the last byte of the reply, with
 * the change on disk and the file of the name server written. One call at a time over one connection. Run alone: `node bench/zones.ts`.
 */
import { Agent, request } from 'node:https'
import { prepareFolder, startPostern } from './servers.ts'

const RECORDS = 5_000
const AT_ONCE = 1_000
const CALLS = 30
const GOAL_MS = 100
const ZONE = 'bench.example.com'

/** Prints the median time of a change that adds one record and removes another, and the goal. */
export async function measureZones(print: (line: string) => void): Promise<void> {
  const prepared = await prepareFolder(1, 'all')
  const server = await startPostern(prepared.folder)
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  const call = async (
    name: string,
    args: URLSearchParams,
  ): Promise<{ readonly data: { readonly new_serial: string } }> => {
    args.set('api.version', '1')
    const { status, text } = await post(
      `${server.url}/json-api/${name}`,
      prepared.authorization,
      args.toString(),
      agent,
    )
    const reply = JSON.parse(text)
    if (status !== 200 || reply.metadata.result !== 1) throw new Error(`${name}: ${text}`)
    return reply
  }
  try {
    await call('adddns', new URLSearchParams({ domain: ZONE, ip: '192.0.2.1' }))
    let serial = await serialOf(call)
    for (let start = 0; start < RECORDS; start += AT_ONCE) {
      const args = new URLSearchParams({ zone: ZONE, serial })
      for (let n = start; n < start + AT_ONCE; n += 1) args.append('add', recordOf(`host${n}`))
      serial = (await call('mass_edit_dns_zone', args)).data.new_serial
    }
    const lines = await lastLine(call)
    const times: number[] = []
    for (let n = 0; n < CALLS; n += 1) {
      // The last record goes and another takes its place, so that the zone stays as large as it is.
      const args = new URLSearchParams({ zone: ZONE, serial, add: recordOf(`new${n}`), remove: String(lines) })
      const began = performance.now()
      serial = (await call('mass_edit_dns_zone', args)).data.new_serial
      times.push(performance.now() - began)
    }
    times.sort((a, b) => a - b)
    const [median = Number.NaN, slowest = Number.NaN] = [times[Math.floor(CALLS / 2)], times.at(-1)]
    print(
      `mass_edit_dns_zone on a zone of ${RECORDS} records: ${median.toFixed(1)} ms, slowest ${slowest.toFixed(1)} ms (goal ${GOAL_MS})`,
    )
  } finally {
    agent.destroy()
    await server.stop()
    await prepared.remove()
  }
}

type Call = (name: string, args: URLSearchParams) => Promise<{ readonly data: unknown }>
type Line = { readonly line_index: number; readonly record_type?: string; readonly data_b64?: readonly string[] }

async function linesOf(call: Call): Promise<readonly Line[]> {
  const { data } = await call('parse_dns_zone', new URLSearchParams({ zone: ZONE }))
  return (data as { readonly payload: readonly Line[] }).payload // as the function answers
}

async function serialOf(call: Call): Promise<string> {
  const soa = (await linesOf(call)).find(({ record_type }) => record_type === 'SOA')
  return Buffer.from(soa?.data_b64?.[2] ?? '', 'base64').toString()
}

async function lastLine(call: Call): Promise<number> {
  return (await linesOf(call)).at(-1)?.line_index ?? 0
}

function recordOf(name: string): string {
  return JSON.stringify({ dname: name, ttl: 300, record_type: 'A', data: ['192.0.2.7'] })
}

function post(
  url: string,
  authorization: string,
  body: string,
  agent: Agent,
): Promise<{ status: number; text: string }> {
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (reply) => {
      const pieces: Buffer[] = []
      reply.on('data', (piece: Buffer) => pieces.push(piece))
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

if (import.meta.main) await measureZones((line) => void process.stdout.write(`${line}\n`))
