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
  /** The next message to the server that holds the text breaks its connection, before or after the server has got it. */
  breakAt(text: string, when: 'before' | 'after'): void
}

export async function startProxy(target: string): Promise<TcpProxy> {
  const { hostname, port: targetPort } = new URL(target)
  const sockets = new Set<Socket>()
  let breaking: { readonly text: string; readonly when: 'before' | 'after' } | undefined
  const relay = (client: Socket): void => {
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
      const { when } = breaking
      breaking = undefined
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
    breakAt: (text, when) => {
      breaking = { text, when }
    },
  }
}
