/**
 * A database for a site: makes the database, a user that may do everything in it, and prints what the site's settings need.
 *
 *   URL=https://127.0.0.1:2083 TOKEN=anna:PSC… SITE=shop node examples/site-database.ts
 *   REMOVE=1 URL=… TOKEN=… SITE=shop node examples/site-database.ts      takes both away again, with all that is in it
 *
 * TOKEN is USER:SECRET of a token of the hosting account, which needs the feature `mysql`; the token may not be a read-only one. Whatever
 * was made before something failed is taken back. For a server with its own certificate set NODE_EXTRA_CA_CERTS=data/tls/cert.pem.
 */
import { randomBytes } from 'node:crypto'

const { URL: url, TOKEN: token, SITE: site, REMOVE: remove } = process.env
if (url === undefined || token === undefined || site === undefined) {
  console.error('URL, TOKEN and SITE are needed; see the beginning of this file.')
  process.exit(2)
}

/** Throws with the server's own reason. */
async function call(name: string, args: Readonly<Record<string, string>>): Promise<void> {
  const reply = await fetch(`${url}/execute/Mysql/${name}`, {
    method: 'POST',
    headers: { authorization: `cpanel ${token}` },
    body: new URLSearchParams(args),
    signal: AbortSignal.timeout(60_000),
  })
  const { status, errors } = (await reply.json()) as { readonly status?: number; readonly errors?: readonly string[] }
  if (status !== 1) throw new Error(`${name}: ${errors?.join(' ') ?? `HTTP ${reply.status}`}`)
}

const name = `${token.split(':', 1)[0]}_${site}`

async function takeAway(): Promise<void> {
  await call('delete_user', { name })
  await call('delete_database', { name })
}

async function make(): Promise<string> {
  const password = randomBytes(24).toString('base64url')
  await call('create_database', { name })
  try {
    await call('create_user', { name, password })
  } catch (error) {
    await call('delete_database', { name })
    throw error
  }
  try {
    await call('set_privileges_on_database', { user: name, database: name, privileges: 'ALL PRIVILEGES' })
  } catch (error) {
    await takeAway()
    throw error
  }
  return password
}

try {
  if (remove === '1') await takeAway()
  else console.log(`DB_NAME=${name}\nDB_USER=${name}\nDB_PASSWORD=${await make()}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
