/**
 * A whole server for a test: a fresh data folder, the real listener on a free loopback port, and calls over TLS as a client makes
 * them. The password of root is preset; nothing is shared between two servers.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { OutgoingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Settings } from '../src/config/schema.ts'
import { loadSettings } from '../src/config/settings.ts'
import type { EventLog } from '../src/server/event-log.ts'
import { type RunningServer, type StartOptions, startServer } from '../src/server/serve.ts'

export const ROOT_PASSWORD = 'the gate is narrow 7'

export type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  /** The body as JSON; throws when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where that is not there
  readonly json: any
}

export type TestRequest = {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
  readonly agent?: Agent
}

export type TestServer = {
  readonly server: RunningServer
  readonly url: string
  readonly port: number
  readonly folder: string
  /** What the server logged, one object an event. */
  readonly logged: readonly { readonly level: string; readonly message: string; readonly details: object }[]
  /** One HTTPS request; `path` as it goes over the wire. */
  send(path: string, options?: TestRequest): Promise<Reply>
  /** Calls a function of WHM API 1 by GET with `Authorization: whm USER:SECRET`. */
  call(credential: string, functionName: string, args?: Arguments): Promise<Reply>
  /** Sends to the cPanel service, which must be switched on: `settings: { cpanelListen: '127.0.0.1:0' }`. */
  sendToCpanel(path: string, options?: TestRequest): Promise<Reply>
  /** Calls a UAPI function at the cPanel service by GET with `Authorization: cpanel USER:SECRET`. */
  uapi(credential: string, name: `${string}::${string}`, args?: Arguments): Promise<Reply>
  /** Makes an account's token with its password; gives `USER:SECRET`. */
  accountToken(user: string, more?: Arguments): Promise<string>
  /** The same as root with the password. */
  root(functionName: string, args?: Arguments): Promise<Reply>
  /** Makes a token for root; gives `root:SECRET`. */
  rootToken(acl: readonly string[], more?: Arguments): Promise<string>
  /** Makes an account (password `pass-of-NAME-1`), a reseller when privileges are given. */
  account(user: string, privileges?: readonly string[], more?: Arguments): Promise<void>
  /** Makes a token of a user with that password; gives `USER:SECRET`. */
  tokenOf(user: string, acl: readonly string[], more?: Arguments): Promise<string>
  /** The newest entries of the trail, through the function. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  audit(filter?: Arguments): Promise<any[]>
  /** Stops the server; the folder stays until `close`. */
  stop(): Promise<void>
  close(): Promise<void>
}

export type Arguments = Readonly<Record<string, string | number | readonly string[]>>

export type TestServerOptions = {
  readonly settings?: Partial<Settings>
  /** Use this folder instead of a fresh one, and leave it there. */
  readonly folder?: string
} & Pick<StartOptions, 'wallMs' | 'beforeStatement' | 'web'>

/** Starts a server; `close` stops it and removes its folder. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const base = options.folder ?? (await mkdtemp(join(tmpdir(), 'postern-test-')))
  const passwordFile = join(base, 'root-password')
  await writeFile(passwordFile, `${ROOT_PASSWORD}\n`, { mode: 0o600 })
  const defaults = loadSettings({ flags: {}, env: {}, packageRoot: base }).settings
  const settings: Settings = {
    ...defaults,
    data: join(base, 'data'),
    listen: '127.0.0.1:0',
    hostname: 'panel.example.com',
    rootPasswordFile: passwordFile,
    ...options.settings,
  }
  const logged: { level: string; message: string; details: object }[] = []
  const server = await startServer({ ...options, settings, log: recordingLog(logged) })
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  let isUp = true
  const stop = async (): Promise<void> => {
    if (!isUp) return
    isUp = false
    agent.destroy()
    await server.close()
  }
  const send = (path: string, more: TestRequest = {}): Promise<Reply> => sendTo(server.url, path, { agent, ...more })
  const call = (credential: string, functionName: string, args: Arguments = {}): Promise<Reply> =>
    send(`/json-api/${functionName}?${queryOf({ 'api.version': '1', ...args })}`, {
      headers: { authorization: `whm ${credential}` },
    })
  const basic = (user: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  })
  const asUser = async (user: string, password: string, functionName: string, args: Arguments): Promise<Reply> =>
    send(`/json-api/${functionName}?${queryOf({ 'api.version': '1', ...args })}`, { headers: basic(user, password) })
  const root = (functionName: string, args: Arguments = {}): Promise<Reply> =>
    asUser('root', ROOT_PASSWORD, functionName, args)
  const sendToCpanel = (path: string, more: TestRequest = {}): Promise<Reply> => {
    if (server.cpanelUrl === undefined) throw new Error('the cPanel service is off')
    return sendTo(server.cpanelUrl, path, { agent, ...more })
  }
  const executePath = (name: string, args: Arguments): string => `/execute/${name.replace('::', '/')}?${queryOf(args)}`
  return {
    server,
    url: server.url,
    port: Number(new URL(server.url).port),
    folder: settings.data,
    logged,
    send,
    call,
    root,
    sendToCpanel,
    uapi: (credential, name, args = {}) =>
      sendToCpanel(executePath(name, args), { headers: { authorization: `cpanel ${credential}` } }),
    async accountToken(user, more = {}) {
      const path = executePath('Tokens::create_full_access', { name: uniqueName(), ...more })
      const reply = await sendToCpanel(path, { headers: basic(user, `pass-of-${user}-1`) })
      if (reply.json.status !== 1) throw new Error(`no token was made: ${reply.body}`)
      return `${user}:${reply.json.data.token}`
    },
    async rootToken(acl, more = {}) {
      return `root:${secretIn(await root('api_token_create', { token_name: uniqueName(), acl, ...more }))}`
    },
    async account(user, privileges, more = {}) {
      done(
        await root('createacct', {
          username: user,
          domain: `${user}.example.com`,
          password: `pass-of-${user}-1`,
          ...more,
        }),
      )
      if (privileges === undefined) return
      done(await root('setupreseller', { user }))
      const flags = Object.fromEntries(privileges.map((acl) => [`acl-${acl}`, '1']))
      done(
        await root('setacls', { reseller: user, ...(privileges.length === 0 ? { postern_remove_all: '1' } : flags) }),
      )
    },
    async tokenOf(user, acl, more = {}) {
      const reply = await asUser(user, `pass-of-${user}-1`, 'api_token_create', {
        token_name: uniqueName(),
        acl,
        ...more,
      })
      return `${user}:${secretIn(reply)}`
    },
    async audit(filter = {}) {
      const reply = await root('postern_audit_list', filter)
      return done(reply).json.data.entries
    },
    stop,
    async close() {
      await stop()
      if (options.folder === undefined) await rm(base, { recursive: true, force: true })
    },
  }
}

/** The query string as WHM's official clients send it: a repeated name for several values. */
export function queryOf(args: Arguments): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(args)) {
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one))
  }
  return query.toString()
}

/** One HTTPS request to any server, certificate unchecked. */
export function sendTo(url: string, path: string, options: TestRequest = {}): Promise<Reply> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: hostname.replace(/^\[|\]$/g, ''),
        port,
        path,
        method: options.method ?? 'GET',
        headers: options.headers ?? {},
        rejectUnauthorized: false,
        ...(options.agent === undefined ? {} : { agent: options.agent }),
      },
      (reply) => {
        const pieces: Buffer[] = []
        reply.on('data', (piece: Buffer) => pieces.push(piece))
        reply.on('error', reject)
        reply.on('end', () => {
          const body = Buffer.concat(pieces).toString('utf8')
          resolve({
            status: reply.statusCode ?? 0,
            headers: reply.headers,
            body,
            get json() {
              return JSON.parse(body)
            },
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(options.body)
  })
}

/** The reply of a call that must have succeeded. */
export function done(reply: Reply): Reply {
  if (reply.status !== 200 || reply.json.metadata?.result !== 1)
    throw new Error(`the call failed: ${reply.status} ${reply.body}`)
  return reply
}

function secretIn(reply: Reply): string {
  return done(reply).json.data.token
}

let names = 0
function uniqueName(): string {
  names += 1
  return `token-${names}`
}

function recordingLog(into: { level: string; message: string; details: object }[]): EventLog {
  const record = (level: string) => (details: object, message: string) => void into.push({ level, message, details })
  return { info: record('info'), warn: record('warn'), error: record('error') }
}
