/** Connections that many small look-ups share, each sent without waiting for the answer before it: a third of a pool's cost. */
import pg from 'pg'
import { connectionConfig } from './pg-dialect.ts'

/** A look-up takes a millisecond; a line that is silent for this long is dead, and pg closes it then. */
const ANSWER_MAX_MS = 3000

/** A few pipelined connections, opened when needed and again after they broke. For single short statements only. */
export class PipelinedLines {
  readonly #url: string
  readonly #lines: (Promise<pg.Client> | undefined)[]
  #next = 0
  #closed = false

  constructor(url: string, count: number) {
    this.#url = url
    this.#lines = new Array(count).fill(undefined)
  }

  async query(query: pg.QueryConfig): Promise<pg.QueryResult> {
    if (this.#closed) throw new Error('Connection terminated')
    const at = this.#next
    this.#next = (at + 1) % this.#lines.length
    this.#lines[at] ??= this.#connect(at)
    return (await this.#lines[at]).query(query)
  }

  /** Gives all lines up; what is under way on them ends as it may. */
  renew(): void {
    const old = [...this.#lines]
    this.#lines.fill(undefined)
    for (const line of old) line?.then((client) => client.end()).catch(() => {})
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#lines.map(async (line) => (await line?.catch(() => undefined))?.end()))
  }

  #connect(at: number): Promise<pg.Client> {
    const client = new pg.Client({ ...connectionConfig(this.#url), query_timeout: ANSWER_MAX_MS, pipeline: true })
    const drop = (): void => {
      if (this.#lines[at] === line) this.#lines[at] = undefined
    }
    // The queries under way report what happened; here the line is only given up.
    client.on('error', drop)
    client.on('end', drop)
    const line = client.connect().then(() => client)
    line.catch(drop)
    return line
  }
}
