/**
 * The whole life of an account as a billing system drives it: package, create, look, change package, suspend, unsuspend, new password,
 * a link to sign in, terminate. In the shapes of WHM API 1, or, with API_VERSION=0, in those that old clients read, who send no version.
 *
 *   URL=https://127.0.0.1:2087 TOKEN=biller:PSW… NODE_EXTRA_CA_CERTS=data/tls/cert.pem node examples/billing-life.ts
 *
 * TOKEN is USER:SECRET of a token with exactly these privileges; without any one of them the life ends early, with the reason:
 * basic-whm-functions list-pkgs add-pkg create-acct list-accts acct-summary suspend-acct upgrade-account edit-account passwd
 * create-user-session kill-acct
 *
 * ACCOUNT names the account that is made and removed; `example` when absent.
 */
import { randomBytes } from 'node:crypto'

type Args = Readonly<Record<string, string | number>>

const IS_OLD = process.env.API_VERSION === '0'
const ACCOUNT = process.env.ACCOUNT ?? 'example'

function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`set ${name} in the environment`)
  return value
}

/** The reply as JSON. Throws with the reason of a refusal or failure, in whichever shape it came. */
// biome-ignore lint/suspicious/noExplicitAny: a client reads what is documented for each function
async function call(name: string, args: Args = {}, version = IS_OLD ? undefined : 1): Promise<any> {
  const form = { ...(version !== undefined && { 'api.version': version }), ...args }
  const reply = await fetch(new URL(`/json-api/${name}`, setting('URL')), {
    method: 'POST',
    headers: { authorization: `whm ${setting('TOKEN')}` },
    body: new URLSearchParams(Object.entries(form).map(([key, value]) => [key, String(value)])),
  })
  const json = JSON.parse(await reply.text())
  const reason = version === undefined ? oldReasonOf(json) : newReasonOf(json)
  if (reason !== undefined || !reply.ok) throw new Error(`${name}: ${reason ?? `HTTP ${reply.status}`}`)
  return json
}

/** Why it was not done, or undefined. */
// biome-ignore lint/suspicious/noExplicitAny: as above
function newReasonOf(json: any): string | undefined {
  return json.metadata?.result === 1 ? undefined : (json.metadata?.reason ?? json.cpanelresult?.error)
}

/** Old clients look in these places, in this order. */
// biome-ignore lint/suspicious/noExplicitAny: as above
function oldReasonOf(json: any): string | undefined {
  if (json.cpanelresult?.error !== undefined) return json.cpanelresult.error
  if (json.data?.result === '0') return json.data.reason
  const [outcome] = json.result ?? json.passwd ?? [json]
  return outcome?.status === 0 ? outcome.statusmsg : undefined
}

/** What stands under `key` in either shape. */
// biome-ignore lint/suspicious/noExplicitAny: as above
const listIn = (json: any, newKey: string, oldKey = newKey): any[] => (IS_OLD ? json[oldKey] : json.data[newKey])

async function makePackage(name: string, quota: number): Promise<string> {
  const made = await call('addpkg', {
    name,
    quota,
    bwlimit: 10_240,
    maxpop: 10,
    maxsql: 2,
    maxftp: 5,
    maxsub: 5,
    maxlst: 0,
  })
  // A reseller's package bears the reseller's name in front.
  return IS_OLD ? made.result[0].pkg : made.data.pkg
}

async function main(): Promise<void> {
  const { version } = IS_OLD ? await call('version') : (await call('version')).data
  console.log(`connected to ${version}`)
  const packages = listIn(await call('listpkgs', { want: 'all' }), 'pkg', 'package').length
  const small = await makePackage(`${ACCOUNT}_small`, 1024)
  const large = await makePackage(`${ACCOUNT}_large`, 4096)
  console.log(`packages: ${packages} there were, made ${small} and ${large}`)

  const password = randomBytes(18).toString('base64url')
  await call('createacct', { username: ACCOUNT, domain: `${ACCOUNT}.example.com`, plan: small, password })
  const count = listIn(await call('listaccts', { search: `^${ACCOUNT}$`, searchtype: 'user' }), 'acct').length
  console.log(`created ${ACCOUNT}, listed ${count}`)

  await call('modifyacct', { user: ACCOUNT, contactemail: 'client@example.org' })
  await call('changepackage', { user: ACCOUNT, pkg: large })
  const [account] = listIn(await call('accountsummary', { user: ACCOUNT }), 'acct')
  console.log(`plan ${account.plan}, disk ${account.disklimit}, contact ${account.email}`)

  await call('suspendacct', { user: ACCOUNT, reason: 'unpaid: invoice #17 & reminder' })
  const [suspended] = listIn(await call('accountsummary', { user: ACCOUNT }), 'acct')
  console.log(`suspended ${suspended.suspended}: ${suspended.suspendreason}`)
  await call('unsuspendacct', { user: ACCOUNT })
  await call('passwd', { user: ACCOUNT, [IS_OLD ? 'pass' : 'password']: randomBytes(18).toString('base64url') })

  // Old clients send a version here, 2 of all, and read the shape of 1.
  const { data } = await call('create_user_session', { user: ACCOUNT, service: 'cpaneld' }, IS_OLD ? 2 : 1)
  console.log(`a link to sign in once: ${new URL(data.url).pathname.replace(/[0-9]+/, '…')}`)

  await call('removeacct', { username: ACCOUNT })
  for (const pkgname of [small, large]) await call('killpkg', { pkgname })
  console.log(`removed ${ACCOUNT} and its packages`)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
