/** Metrics on an address of their own: HTTPS with the server's certificate, for whoever holds the token from its file. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseListen } from '../config/listen.ts'
import type { Settings } from '../config/schema.ts'
import { StartRefusal } from '../storage/start-refusal.ts'
import type { CallFigures } from './call-figures.ts'
import type { Certificate } from './certificate.ts'
import type { EventLog } from './event-log.ts'
import { type Listener, openListener } from './listener.ts'
import type { Metrics } from './metrics.ts'
import type { Runtime } from './runtime.ts'

/** Loaded when somebody first asks: most servers are never asked. */
export function metricsOf(runtime: Runtime, figures: CallFigures): Metrics {
  let made: Promise<Metrics> | undefined
  return {
    async text() {
      made ??= import('./metrics.ts').then(({ makeMetrics }) => makeMetrics(runtime, figures))
      return (await made).text()
    },
  }
}

const TOKEN_MIN = 20

/** Undefined when the settings ask for none. Throws `StartRefusal` for a token that is missing or easy to guess. */
export async function openMetricsDoor(
  settings: Settings,
  metrics: Metrics,
  certificate: Pick<Certificate, 'cert' | 'key'>,
  log: EventLog,
): Promise<Listener | undefined> {
  if (settings.metricsListen === 'off') return undefined
  const expected = digestOf(await readToken(settings.metricsTokenFile))
  return openListener({
    listen: parseListen(settings.metricsListen),
    cert: certificate.cert,
    key: certificate.key,
    maxConnections: 50,
    maxConnectionsPerAddress: 20,
    redirectHost: undefined,
    handle: (request, response) => {
      const sent = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
      if (!timingSafeEqual(digestOf(sent), expected)) refuse(response)
      else answerMetrics(metrics, request, response, log)
    },
    mayConnect: () => true,
    onPlainRequest: () => {},
    onDrop: () => {},
  })
}

async function readToken(path: string | undefined): Promise<string> {
  if (path === undefined)
    throw new StartRefusal('The setting metrics_listen needs a token.', 'Name its file with metrics_token_file.')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new StartRefusal(
      `${path} cannot be read (${error.code}).`,
      'Correct metrics_token_file, or the rights of the file.',
    )
  })
  const token = text.split('\n', 1)[0]?.trim() ?? ''
  if (/^\S+$/.test(token) && token.length >= TOKEN_MIN) return token
  throw new StartRefusal(
    `${path} holds no token of at least ${TOKEN_MIN} characters without blanks.`,
    'Make one: openssl rand -hex 32.',
  )
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

function refuse(response: ServerResponse): void {
  response.writeHead(401, { 'www-authenticate': 'Bearer', 'content-type': 'text/plain; charset=utf-8' })
  response.end('A token is needed.\n')
}

/** Only GET of `/metrics`; whoever may ask was found out before. */
export function answerMetrics(
  metrics: Metrics,
  { method, url }: IncomingMessage,
  response: ServerResponse,
  log: EventLog,
): void {
  if (method !== 'GET' || url?.split('?', 1)[0] !== '/metrics') {
    response.writeHead(404).end()
    return
  }
  metrics.text().then(
    ({ contentType, text }) => {
      response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' })
      response.end(text)
    },
    (error: unknown) => {
      log.error({ error }, 'the metrics could not be read')
      response.writeHead(503).end()
    },
  )
}
