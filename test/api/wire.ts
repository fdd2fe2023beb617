/** Conversations byte for byte that go on until the server ends them: everything it sends is kept. */
import type { Socket } from 'node:net'
import type { TestServer } from '../start-server.ts'
import { openConnection } from './raw.ts'

export type Heard = {
  /** The status of each reply, in order; 100 is one too. */
  readonly statuses: readonly number[]
  /** Everything, one character a byte. */
  readonly text: string
  readonly isClosed: boolean
}

const DEADLINE_MS = 5_000

/** Sends and listens until the connection is closed, or `until` is satisfied; gives what came after five seconds at the latest. */
export async function converse(
  port: number,
  bytes: string | Buffer,
  until: (heard: Heard) => boolean = () => false,
): Promise<Heard> {
  const socket = await openConnection(port)
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  return listen(socket, until)
}

/** Listens only; the connection is cut at the end. */
export function listen(socket: Socket, until: (heard: Heard) => boolean = () => false): Promise<Heard> {
  return new Promise((resolve) => {
    let text = ''
    const end = (isClosed: boolean): void => {
      clearTimeout(deadline)
      socket.destroy()
      resolve(heardIn(text, isClosed))
    }
    const deadline = setTimeout(() => end(false), DEADLINE_MS)
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1')
      if (until(heardIn(text, false))) end(false)
    })
    // A reset counts as closed; what was said before it is in `text`.
    socket.on('error', () => {})
    socket.once('close', () => end(true))
  })
}

function heardIn(text: string, isClosed: boolean): Heard {
  return { statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1])), text, isClosed }
}

/** A request line, the header lines, and the body. */
export function requestBytes(start: string, lines: readonly string[], body = ''): string {
  return [start, 'Host: panel.example.com', ...lines, '', body].join('\r\n')
}

/** A well-formed call that would leave a token of this name behind. */
export function creation(credential: string, name: string): string {
  const path = `/json-api/api_token_create?api.version=1&acl=list-accts&token_name=${name}`
  return requestBytes(`GET ${path} HTTP/1.1`, [`Authorization: whm ${credential}`])
}

/** The names of root's tokens that begin so: which calls ran that should not have. */
export async function tokensNamed(server: TestServer, start: string): Promise<readonly string[]> {
  const reply = await server.root('api_token_list')
  return Object.keys(reply.json.data.tokens).filter((name) => name.startsWith(start))
}
