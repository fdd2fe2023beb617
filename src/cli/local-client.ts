/**
 * The client of the local door: HTTP over the socket in the data folder, which only the server's own user may open. Whoever can
 * open it is root on this server, so no credential is sent.
 */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../config/problem.ts'
import { openSocketPath } from '../config/socket-path.ts'

export type LocalReply = { readonly httpStatus: number; readonly body: string }
export type LocalCall = {
  /** `/json-api/FUNCTION` or `/execute/Module/function` */
  readonly path: string
  /** A JSON object. */
  readonly body: string
  /** Acts as this user; root when absent. */
  readonly user?: string | undefined
}

const SILENCE_MAX_MS = 300_000

/** Says whether a server answers on the data folder's socket. Throws a Problem if there is one that this user may not open. */
export async function serverRuns(dataFolder: string): Promise<boolean> {
  try {
    const socketPath = openSocketPath(dataFolder)
    try {
      await new Promise<void>((done, fail) => {
        const socket = connect(socketPath.path, () => done(socket.destroy() && undefined))
        socket.on('error', fail)
      })
      return true
    } finally {
      socketPath.close()
    }
  } catch (error) {
    if (isNobodyThere(error)) return false
    throw doorProblem(error, dataFolder)
  }
}

/** Makes one call and gives the reply as it came. Throws a Problem if no server runs or it went away. */
export async function callLocal(dataFolder: string, call: LocalCall): Promise<LocalReply> {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(call.body),
    ...(call.user === undefined ? {} : { 'x-postern-user': call.user }),
  }
  return exchange(dataFolder, { method: 'POST', path: call.path, headers }, call.body, async (reply) => ({
    httpStatus: reply.statusCode ?? 0,
    body: await readAll(reply),
  }))
}

/** Lets the server write a backup into the sink, and ends it. Throws if it was cut short, however that came. */
export async function backupLocal(dataFolder: string, sink: NodeJS.WritableStream): Promise<void> {
  await exchange(dataFolder, { method: 'GET', path: '/local/backup', headers: {} }, '', async (reply) => {
    if (reply.statusCode !== 200) {
      throw new Problem(reasonIn(await readAll(reply)) ?? `the server made no backup (HTTP ${reply.statusCode})`)
    }
    await pipeline(reply, sink)
    if (!reply.complete) throw new Problem('the backup was cut short by the server')
  })
}

/** The reason in a reply of any of WHM's shapes; undefined if there is none. */
export function reasonIn(body: string): string | undefined {
  const reply = parseReply(body)
  const metadata = reply?.metadata as { reason?: unknown } | undefined // Whatever it is, only a text is taken from it.
  const old = reply?.cpanelresult as { error?: unknown } | undefined
  return [metadata?.reason, old?.error, reply?.statusmsg, reply?.error].find((reason) => typeof reason === 'string')
}

/** The reply as an object; undefined if it is not one. */
export function parseReply(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const reply: unknown = JSON.parse(body)
    if (typeof reply !== 'object' || reply === null || Array.isArray(reply)) return undefined
    return reply as Record<string, unknown> // An object of JSON has text keys.
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

type Head = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | number>>
}

async function exchange<T>(
  dataFolder: string,
  head: Head,
  body: string,
  read: (reply: IncomingMessage) => Promise<T>,
): Promise<T> {
  try {
    const socketPath = openSocketPath(dataFolder)
    try {
      const sent = request({ ...head, socketPath: socketPath.path, agent: false })
      sent.setTimeout(SILENCE_MAX_MS, () => sent.destroy(new Problem('the server does not answer')))
      const reply = await replyTo(sent, body)
      return await read(reply)
    } finally {
      socketPath.close()
    }
  } catch (error) {
    throw doorProblem(error, dataFolder)
  }
}

function replyTo(sent: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    sent.on('error', fail)
    sent.on('response', done)
    sent.end(body)
  })
}

async function readAll(reply: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of reply) pieces.push(piece as Buffer) // No encoding is set, so the pieces are bytes.
  return Buffer.concat(pieces).toString('utf8')
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

function isNobodyThere(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(codeOf(error) ?? '')
}

function doorProblem(error: unknown, dataFolder: string): unknown {
  if (isNobodyThere(error)) {
    return new Problem(`no server runs on ${dataFolder}`, `start it with: postern serve --data ${dataFolder}`, {
      cause: error,
    })
  }
  const code = codeOf(error)
  if (code === 'EACCES' || code === 'EPERM') {
    const hint = 'run this as the user who runs the server'
    return new Problem(`the server's socket in ${dataFolder} may not be opened by this user`, hint, { cause: error })
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    const hint = 'look whether the change was made before you repeat it'
    return new Problem('the server closed the connection before its answer was complete', hint, { cause: error })
  }
  return error
}
