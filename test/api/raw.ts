/** Requests byte for byte, for what a well-behaved client cannot send, over TLS or in clear. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export type RawReply = {
  readonly status: number
  /** The status line and all headers but `date`, as they came. */
  readonly head: readonly string[]
  readonly body: string
}

export type RawOptions = {
  /** Without TLS. */
  readonly inClear?: boolean
  /** The loopback address to come from. */
  readonly from?: string
  /** The protocols that the handshake offers; none when absent. */
  readonly protocols?: readonly string[]
}

/** An open connection, the TLS handshake done. */
export function openConnection(port: number, options: RawOptions = {}): Promise<Socket> {
  const where = { host: '127.0.0.1', port, ...(options.from !== undefined && { localAddress: options.from }) }
  return new Promise((resolve, reject) => {
    const socket = options.inClear
      ? connect(where)
      : connectTls({ ...where, rejectUnauthorized: false, ALPNProtocols: options.protocols })
    socket.setNoDelay(true)
    socket.once('error', reject)
    socket.once(options.inClear ? 'connect' : 'secureConnect', () => resolve(socket))
  })
}

/** Sends the bytes and reads one reply; then the connection is cut. */
export function exchange(socket: Socket, bytes: string | Buffer): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    let received = ''
    const end = (reply: RawReply | undefined): void => {
      socket.destroy()
      if (reply === undefined) reject(new Error(`no whole reply, only ${JSON.stringify(received)}`))
      else resolve(reply)
    }
    socket.on('data', (piece: Buffer) => {
      received += piece.toString('latin1')
      const reply = wholeReply(received)
      if (reply !== undefined) end(reply)
    })
    socket.once('error', reject)
    socket.once('close', () => end(wholeReply(received)))
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  })
}

/** One request on a connection of its own. */
export async function sendRaw(port: number, bytes: string | Buffer, options: RawOptions = {}): Promise<RawReply> {
  return exchange(await openConnection(port, options), bytes)
}

/** A GET with these header lines, each as it goes over the wire. */
export function rawGet(path: string, ...lines: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: panel', ...lines, '', ''].join('\r\n')
}

function wholeReply(received: string): RawReply | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const lines = received.slice(0, end).split('\r\n')
  const length = Number(/^content-length: *(\d+)/im.exec(received.slice(0, end))?.[1] ?? '0')
  const body = received.slice(end + 4)
  if (body.length < length) return undefined
  return {
    status: Number(lines[0]?.split(' ')[1]),
    head: lines.filter((line) => !/^date:/i.test(line)),
    body: Buffer.from(body, 'latin1').toString('utf8'),
  }
}
