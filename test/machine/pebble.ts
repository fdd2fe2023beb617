/**
 * Debian's Pebble, an authority that really looks: it asks a real name server (BIND) for addresses, and a web server for the pages of
 * accounts. All of them listen on the loopback, on free ports, and stop with the test.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createWebServer, type Server } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeAuthority } from '../made-certificates.ts'

const runFile = promisify(execFile)

export type Pebble = {
  readonly directory: string
  /** What vouches for Pebble's own server. */
  readonly caFile: string
  /** Of the certificates that it gives; PEM. */
  root(): Promise<string>
  stop(): Promise<void>
}

/** A port of the loopback that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on a port
  server.close()
  await once(server, 'close')
  return port
}

const DEADLINE_MS = 30_000

/** Asks again until the answer is not undefined. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const startedMs = performance.now()
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() - startedMs > DEADLINE_MS) throw new Error(`${what} did not come to be`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Looks for names at `dnsPort`, and for pages at `webPort`. */
export async function startPebble(dnsPort: number, webPort: number): Promise<Pebble> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-pebble-'))
  const at = (name: string): string => join(folder, name)
  const vouching = await makeAuthority('Pebble’s own')
  const own = await vouching.issue(['localhost'], { kind: 'rsa' })
  await writeFile(at('cert.pem'), own.crt + vouching.between.crt)
  await writeFile(at('key.pem'), own.key, { mode: 0o600 })
  await writeFile(at('ca.pem'), vouching.root.crt)
  const [port, managementPort, tlsPort] = [await freePort(), await freePort(), await freePort()]
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: at('cert.pem'),
    privateKey: at('key.pem'),
    httpPort: webPort,
    tlsPort,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  }
  await writeFile(at('pebble.json'), JSON.stringify({ pebble }))
  const args = ['-config', at('pebble.json'), '-dnsserver', `127.0.0.1:${dnsPort}`]
  const env = { ...process.env, PEBBLE_VA_ALWAYS_VALID: '0', PEBBLE_VA_NOSLEEP: '1' }
  const child = spawn('pebble', args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const output = gather(child)
  const curl = (url: string) => runFile('curl', ['-sS', '--fail', '--cacert', at('ca.pem'), url])
  await eventually('pebble', () => curl(`https://localhost:${port}/dir`).catch(() => undefined)).catch((error) => {
    throw new Error(`${error.message}: ${output()}`)
  })
  return {
    directory: `https://localhost:${port}/dir`,
    caFile: at('ca.pem'),
    root: async () => (await curl(`https://localhost:${managementPort}/roots/0`)).stdout,
    async stop() {
      await stopChild(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type Named = {
  readonly port: number
  /** `rndc` for this server, to be followed by its words. */
  readonly rndc: readonly string[]
  stop(): Promise<void>
}

/** Debian's BIND on the loopback, serving these zones by name and file, and those of a file of `zone` statements. */
export async function startNamed(zones: Readonly<Record<string, string>>, include?: string): Promise<Named> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-named-'))
  const at = (name: string): string => join(folder, name)
  const [port, controlPort] = [await freePort(), await freePort()]
  const key = `key "rndc" { algorithm hmac-sha256; secret "${randomBytes(32).toString('base64')}"; };`
  const served = Object.entries(zones).map(([name, file]) => `zone "${name}" { type primary; file "${file}"; };`)
  if (include !== undefined) served.push(`include "${include}";`)
  await writeFile(
    at('named.conf'),
    `${key}
     options { directory "${folder}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no;
       pid-file none; session-keyfile none; lock-file none; dnssec-validation no; };
     controls { inet 127.0.0.1 port ${controlPort} allow { 127.0.0.1; } keys { "rndc"; }; };
     ${served.join('\n')}\n`,
    { mode: 0o600 },
  )
  const options = `options { default-key "rndc"; default-server 127.0.0.1; default-port ${controlPort}; };`
  await writeFile(at('rndc.conf'), `${key}\n${options}\n`, { mode: 0o600 })
  const child = spawn('named', ['-g', '-c', at('named.conf'), '-n', '1'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const output = gather(child)
  await eventually('named', async () => (output().includes('running') ? true : undefined)).catch((error) => {
    throw new Error(`${error.message}: ${output()}`)
  })
  return {
    port,
    rndc: ['rndc', '-c', at('rndc.conf')],
    async stop() {
      await stopChild(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Serves to each host name the files of its folder, as a web server does that was told of the accounts; a promise holds the answer up. */
export async function startWebServer(
  folderOf: (host: string) => string | undefined | Promise<string | undefined>,
): Promise<{ readonly port: number; readonly asked: string[]; stop(): Promise<void> }> {
  const asked: string[] = []
  const server: Server = createWebServer(async (request, response) => {
    const host = (request.headers.host ?? '').split(':', 1)[0] ?? ''
    const path = new URL(request.url ?? '/', 'http://x').pathname
    asked.push(`${host}${path}`)
    const folder = await folderOf(host)
    if (folder === undefined) {
      response.writeHead(404).end()
      return
    }
    createReadStream(join(folder, path))
      .on('error', () => response.writeHead(404).end())
      .pipe(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on a port
  return {
    port,
    asked,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A zone in which every name leads to the loopback. */
export async function writeLoopbackZone(file: string, name: string): Promise<void> {
  await writeFile(
    file,
    `$TTL 60\n@ IN SOA ns.${name}. root.${name}. 1 3600 600 86400 60\n@ IN NS ns.${name}.\n@ IN A 127.0.0.1\n* IN A 127.0.0.1\n`,
  )
}

function gather(child: ChildProcess): () => string {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => (output += piece))
  return () => output
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** What `openssl verify` says of a chain against a root. */
export async function opensslVerify(root: string, withChain: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-openssl-'))
  try {
    await writeFile(join(folder, 'root.pem'), root)
    await writeFile(join(folder, 'chain.pem'), withChain)
    const args = [
      'verify',
      '-CAfile',
      join(folder, 'root.pem'),
      '-untrusted',
      join(folder, 'chain.pem'),
      join(folder, 'chain.pem'),
    ]
    return (await runFile('openssl', args)).stdout.trim()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Lets OpenSSL serve the one file as a web server would, and gives what its client says that checks against the root and the name. */
export async function shownBy(combined: string, root: string, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-openssl-'))
  const port = await freePort()
  const files = ['-cert', combined, '-key', combined, '-cert_chain', combined]
  const child = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, '-quiet', ...files], { stdio: 'ignore' })
  try {
    await writeFile(join(folder, 'root.pem'), root)
    const checks = ['-CAfile', join(folder, 'root.pem'), '-verify_hostname', name, '-verify_return_error']
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', name, ...checks]
    return await eventually('the server of OpenSSL', () => answerTo(args))
  } finally {
    await stopChild(child)
    await rm(folder, { recursive: true, force: true })
  }
}

/** Undefined while nothing listens. */
async function answerTo(args: readonly string[]): Promise<string | undefined> {
  const child = spawn('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const output = gather(child)
  await once(child, 'close')
  return output().includes('CONNECTED') ? output() : undefined
}
