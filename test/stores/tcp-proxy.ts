/** A TCP relay between the engine under test and PostgreSQL, so that a test can break the network where and when it wants. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export type TcpProxy = {
  /** The given URL, by way of this relay. */
  readonly url: string
  /** Breaks all connections and refuses new ones. */
  stop(): Promise<void>
  /** Takes connections again, at the same port. */
  start(): Promise<void>
  /**
   * The next message to the server that holds the text breaks its connection, before or after the server has got it; `for good`: new
   * connections are closed at once from then on, until `stop` and `start`.
   */
  breakAt(text: string, when: 'before' | 'after', forGood?: 'for good'): void
  /** From now on nothing passes, in either direction, and nobody is told: a dead network. New connections pass. */
  freeze(): void
}

export async function startProxy(target: string): Promise<TcpProxy> {
  const { hostname, port: targetPort } = new URL(target)
  const sockets = new Set<Socket>()
  let breaking: { readonly text: string; readonly when: 'before' | 'after'; readonly forGood: boolean } | undefined
  let refuses = false
  const relay = (client: Socket): void => {
    if (refuses) return void client.destroy()
    const server = connect(Number(targetPort || 5432), hostname)
    const end = (): void => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    server.on('data', (bytes) => client.write(bytes))
    client.on('data', (bytes) => {
      if (!breaking || !bytes.includes(breaking.text)) return void server.write(bytes)
      const { when, forGood } = breaking
      breaking = undefined
      refuses = forGood
      if (when === 'before') return end()
      // The server's answer is its word that it got the message; the client never hears it.
      server.removeAllListeners('data')
      server.once('data', end)
      server.write(bytes)
    })
  }
  const listener = createServer(relay)
  let port = 0
  const start = async (): Promise<void> => {
    refuses = false
    listener.listen(port, '127.0.0.1')
    await once(listener, 'listening')
    const address = listener.address()
    if (address !== null && typeof address === 'object') port = address.port
  }
  await start()
  const url = new URL(target)
  url.host = `127.0.0.1:${port}`
  return {
    url: url.href,
    start,
    stop: async () => {
      listener.close()
      for (const socket of sockets) socket.destroy()
      if (listener.listening) await once(listener, 'close')
    },
    breakAt: (text, when, forGood) => {
      breaking = { text, when, forGood: forGood !== undefined }
    },
    freeze: () => {
      for (const socket of sockets) {
        socket.removeAllListeners('data')
        socket.on('data', () => {})
      }
    },
  }
}
