/** Real receivers of alerts on the loopback: HTTP, SMTP, and sockets for syslog. Each is stopped by the test that started it. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export type Hook = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly path: string }

/** Answers each request with what `answer` says (200 when it says nothing). */
export async function startHookReceiver(
  answer: (
    hook: Hook,
    count: number,
  ) => { readonly status: number; readonly headers?: Record<string, string> } | undefined,
) {
  const got: Hook[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => {
      body += piece
    })
    request.on('end', () => {
      const hook = { headers: request.headers, body, path: request.url ?? '' }
      got.push(hook)
      const { status, headers = {} } = answer(hook, got.length) ?? { status: 200 }
      if (status !== 0) response.writeHead(status, headers).end('what it says does not matter')
    })
  })
  return { got, ...(await listening(server)) }
}

export type Mail = {
  readonly from: string
  readonly to: readonly string[]
  readonly text: string
  readonly user: string | undefined
}

/** A mail server; `refuse` gives the reply to a recipient, if it is not taken. */
export async function startMailServer(
  options: SMTPServerOptions = {},
  refuse: (address: string) => Error | undefined = () => undefined,
) {
  const got: Mail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    ...options,
    onRcptTo: ({ address }, _session, done) => done(refuse(address)),
    onData(stream, session, done) {
      let text = ''
      stream.setEncoding('utf8')
      stream.on('data', (piece: string) => {
        text += piece
      })
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        got.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text,
          user: session.user,
        })
        done()
      })
    },
  })
  server.on('error', () => {}) // a client that goes away is what some tests are about
  const { port, close } = await listening(server.server)
  return { got, port, close: () => new Promise<void>((resolve) => void server.close(() => resolve())).finally(close) }
}

/** Gathers what each connection sends until its end. */
export async function startLineReceiver(path?: string) {
  const got: string[] = []
  const server = createTcpServer((socket) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (piece: string) => {
      text += piece
    })
    socket.on('end', () => got.push(text))
  })
  return { got, ...(await listening(server, path)) }
}

async function listening(server: Server, path?: string) {
  if (path === undefined) server.listen(0, '127.0.0.1')
  else server.listen(path)
  await once(server, 'listening')
  const port = path === undefined ? (server.address() as AddressInfo).port : 0 // by listening on TCP
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      if ('closeAllConnections' in server) (server as { closeAllConnections(): void }).closeAllConnections()
    })
  return { port, close }
}

/** Lets the event loop turn until the condition holds; throws when it does not within twenty seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('what was waited for did not come')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
