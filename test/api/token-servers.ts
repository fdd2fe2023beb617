/** Servers for tests of tokens: one on each database that this run tests, a second node beside it, and what such tests ask of replies. */
import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import {
  type Arguments,
  done,
  queryOf,
  type Reply,
  startTestServer,
  type TestRequest,
  type TestServer,
  type TestServerOptions,
} from '../start-server.ts'
import { DATABASES, type DatabaseName, makeTestDatabase, type TestDatabase } from '../stores/databases.ts'

export type TokenServer = {
  readonly name: DatabaseName
  /** The running server, and a token of root that holds everything. */
  server(): TestServer
  admin(): string
  /** PostgreSQL's URL. */
  databaseUrl(): string
  /** A further node on the same PostgreSQL database, closed with the suite. */
  startNode(): Promise<TestServer>
}

/** Declares the suite once per database, with one server for all of it. */
export function onEachDatabase(options: TestServerOptions, tests: (on: TokenServer) => void): void {
  for (const name of DATABASES) {
    describe(name, () => {
      let server: TestServer
      let admin: string
      let database: TestDatabase | undefined
      const undo: (() => Promise<void>)[] = []
      const withDatabase = (): TestServerOptions => ({
        ...options,
        settings: { ...options.settings, ...(database?.url !== undefined && { database: database.url }) },
      })
      before(async () => {
        database = name === 'postgres' ? await makeTestDatabase(name) : undefined
        server = await startTestServer(withDatabase())
        admin = await server.rootToken(['all'])
      })
      after(async () => {
        for (const step of undo.reverse()) await step()
        await server?.close()
        await database?.remove()
      })
      tests({
        name,
        server: () => server,
        admin: () => admin,
        databaseUrl: () => {
          assert.ok(database?.url)
          return database.url
        },
        async startNode() {
          const folder = await mkdtemp(join(tmpdir(), 'postern-test-node-'))
          await mkdir(join(folder, 'data'), { mode: 0o700 })
          // A node proves by the pepper that it belongs to the others.
          await copyFile(join(server.folder, 'pepper'), join(folder, 'data/pepper'))
          const node = await startTestServer({ ...withDatabase(), folder })
          undo.push(async () => {
            await node.close()
            await rm(folder, { recursive: true, force: true })
          })
          return node
        },
      })
    })
  }
}

const ACCESS_DENIED =
  '{"cpanelresult":{"apiversion":"2","error":"Access denied","data":{"reason":"Access denied","result":"0"},"type":"text"}}'

/** The one refusal of every credential that may not be used. */
export function assertRefused(reply: Reply, about = ''): void {
  assert.deepEqual([about, reply.status, reply.body], [about, 403, ACCESS_DENIED])
}

/** A known caller without the privilege. */
export function assertDenied(reply: Reply, about = ''): void {
  assert.equal(reply.status, 403, `${about} ${reply.body}`)
  const { data, metadata } = reply.json
  assert.deepEqual([about, data, metadata.result], [about, null, 0])
  assert.match(metadata.reason, /^Permission denied: /, about)
}

/** A function that failed: HTTP 200, result 0, no data, and a reason that says why. */
export function assertFailed(reply: Reply, reason: RegExp, about = ''): void {
  assert.equal(reply.status, 200, `${about} ${reply.body}`)
  const { data, metadata } = reply.json
  assert.deepEqual([data, metadata.result], [null, 0], `${about} ${reply.body}`)
  assert.match(metadata.reason, reason, about)
}

/** A call of a function by POST with a form, for arguments that do not fit a URL or are secret. */
export function post(server: TestServer, credential: string, functionName: string, args: Arguments): Promise<Reply> {
  return server.send(`/json-api/${functionName}?api.version=1`, {
    method: 'POST',
    headers: { authorization: `whm ${credential}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: queryOf(args),
  })
}

/** The same with a JSON body. */
export function postJson(server: TestServer, credential: string, functionName: string, body: unknown): Promise<Reply> {
  return server.send(`/json-api/${functionName}?api.version=1`, {
    method: 'POST',
    headers: { authorization: `whm ${credential}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** A call as if from another address, on a server that trusts 127.0.0.1 as a proxy. */
export function callFrom(
  server: TestServer,
  address: string,
  credential: string,
  functionName = 'version',
  options: TestRequest = {},
): Promise<Reply> {
  return server.send(`/json-api/${functionName}?api.version=1`, {
    ...options,
    headers: { authorization: `whm ${credential}`, 'x-forwarded-for': address },
  })
}

export type Made = {
  readonly user: string
  readonly name: string
  readonly secret: string
  /** `USER:SECRET` */
  readonly credential: string
}

let count = 0
/** A name that no other test of this file uses. */
export function freshName(prefix = 'made'): string {
  count += 1
  return `${prefix}-${count}`
}

/** Makes a token as the owner of `credential`. */
export async function make(server: TestServer, credential: string, args: Arguments = {}): Promise<Made> {
  const name = String(args.token_name ?? freshName())
  const asked = { token_name: name, acl: ['basic-whm-functions'], ...args }
  const secret: string = done(await post(server, credential, 'api_token_create', asked)).json.data.token
  const user = credential.split(':', 1)[0] ?? ''
  return { user, name, secret, credential: `${user}:${secret}` }
}

/** The caller's tokens as `api_token_list` shows them. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where that is not there
export async function listed(server: TestServer, credential: string): Promise<Record<string, any>> {
  return done(await server.call(credential, 'api_token_list')).json.data.tokens
}

/** Keys of a listed token that tell of its use, and grow whenever the ledger is written. */
export const IS_USE = /^postern_(calls|refused|first_used|last_used|last_function|last_refused)/

/** The same without the figures of their use: what a call that failed must have left as it was. */
export async function recordsOf(server: TestServer, credential: string): Promise<object> {
  const tokens = Object.entries(await listed(server, credential))
  return tokens.map(([name, record]) => [
    name,
    Object.fromEntries(Object.entries(record as object).filter(([key]) => !IS_USE.test(key))),
  ])
}

/** A connection of its own that is kept open between calls. */
export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
}

/** Calls with a browser session of the user. */
export type Session = { call(functionName: string, args?: Arguments, options?: TestRequest): Promise<Reply> }

export async function signIn(server: TestServer, user: string, password = `pass-of-${user}-1`): Promise<Session> {
  const reply = await server.send('/login/?login_only=1', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: queryOf({ user, pass: password }),
  })
  assert.equal(reply.status, 200, reply.body)
  const cookie = String(reply.headers['set-cookie']).split(';', 1)[0]
  const token: string = reply.json.security_token
  return {
    call: (functionName, args = {}, options = {}) =>
      server.send(`${token}/json-api/${functionName}?${queryOf({ 'api.version': '1', ...args })}`, {
        ...options,
        headers: { ...options.headers, cookie },
      }),
  }
}
