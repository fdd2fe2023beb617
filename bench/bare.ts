/**
 * The yardstick: a bare `node:https` server that sends the bytes it is given, and nothing else. `node bench/bare.ts CERT KEY` reads
 * the reply as one JSON line `{ "headers": [name, value, …], "body": "…" }` from standard input and prints its port.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

const [certPath, keyPath] = process.argv.slice(2)
if (certPath === undefined || keyPath === undefined) throw new Error('usage: bare.ts CERT KEY')
const { headers, body } = JSON.parse(readFileSync(0, 'utf8')) as {
  readonly headers: readonly string[]
  readonly body: string
}

const server = createServer({ cert: readFileSync(certPath), key: readFileSync(keyPath) }, (_request, response) => {
  response.writeHead(200, [...headers])
  response.end(body)
})
server.keepAliveTimeout = 15_000
server.listen(0, '127.0.0.1', () => {
  // Listening on a port, so the address is an object.
  process.stdout.write(`ready ${(server.address() as AddressInfo).port}\n`)
})
