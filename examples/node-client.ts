/**
 * A small client in TypeScript, without dependencies: how to call, how to tell a refusal from a failure, and when to try again.
 *
 *   URL=https://127.0.0.1:2087 TOKEN=root:PSW… NODE_EXTRA_CA_CERTS=data/tls/cert.pem node examples/node-client.ts
 *
 * TOKEN is USER:SECRET of a token with the privilege list-accts.
 */

/** What WHM API 1 answers, whichever function was called. */
type Reply = {
  readonly data: unknown
  readonly metadata: { readonly result: number; readonly reason: string; readonly command: string }
}

type Account = { readonly user: string; readonly domain: string }

const TRIES = 3

/** Calls a function; gives its data. Throws with the server's reason when it was refused or failed. */
async function call(name: string, args: Readonly<Record<string, string>> = {}): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const reply = await fetch(new URL(`/json-api/${name}`, setting('URL')), {
      method: 'POST',
      headers: { authorization: `whm ${setting('TOKEN')}` },
      // In the body: a query string ends up in logs.
      body: new URLSearchParams({ 'api.version': '1', ...args }),
    })
    // Busy, or too many attempts: the server says how long to wait. Nothing was changed.
    if ((reply.status === 503 || reply.status === 429) && attempt < TRIES) {
      await reply.body?.cancel()
      await seconds(Number(reply.headers.get('retry-after') ?? '1'))
      continue
    }
    return dataOf(await reply.text(), name)
  }
}

function dataOf(body: string, name: string): unknown {
  const reply: Reply | { readonly cpanelresult: { readonly error: string } } = JSON.parse(body)
  // A credential that is not accepted, whatever the reason; the owner finds it in the audit trail.
  if ('cpanelresult' in reply) throw new Error(`${name}: ${reply.cpanelresult.error}`)
  // HTTP 200 alone does not mean that it was done.
  if (reply.metadata.result !== 1) throw new Error(`${name}: ${reply.metadata.reason}`)
  return reply.data
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1000))
}

function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`set ${name} in the environment`)
  return value
}

try {
  // listaccts answers a list of accounts under `acct`, documented so.
  const { acct } = (await call('listaccts')) as { readonly acct: readonly Account[] }
  for (const { user, domain } of acct) console.log(`${user}\t${domain}`)
  console.log(`${acct.length} accounts`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
