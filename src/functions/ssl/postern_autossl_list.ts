import { renewalAt } from '../../hosting/certificates/renewal.ts'
import { listAccountsInReach } from '../accounts-in-reach.ts'
import type { ReadContext } from '../context.ts'
import { defineRead } from '../define.ts'
import { toUnixSeconds } from './shown.ts'
import { vhostsOf } from './vhosts.ts'

export const posternAutosslList = defineRead({
  name: 'postern_autossl_list',
  group: 'Certificates',
  summary: 'List the sites with their certificate’s end, the last try to get one automatically, and when the next is.',
  source: 'Postern',
  acl: 'ssl-info',
  params: {},
  failures: [],
  v0: 'none',
  async run(context) {
    const { services, caller } = context
    const { isOn, directory } = services.autoSsl
    const sites = [...(await ownSite(context)), ...(await sitesInReach(context))]
    return { data: { enabled: isOn ? 1 : 0, ...(caller.kind === 'root' && { directory }), sites } }
  },
})

type Row = Readonly<Record<string, string | number | null>>

async function sitesInReach({ stores, caller }: ReadContext): Promise<readonly Row[]> {
  const accounts = await listAccountsInReach(stores, caller)
  const owner = caller.kind === 'root' ? undefined : caller.userId
  const further = Map.groupBy(await stores.domains.listOwned(owner), ({ userId }) => userId)
  const states = new Map((await stores.autoSsl.list()).map((state) => [state.site, state]))
  const shown = new Map((await stores.autoSsl.listShown()).map((one) => [one.site, one]))
  const vhosts = accounts.flatMap((account) => vhostsOf(account, further.get(account.userId) ?? []))
  return vhosts.map(({ name, account }) => {
    const certificate = shown.get(name)
    return {
      site: name,
      user: account.user,
      provider: certificate?.provider ?? null,
      not_after: secondsOf(certificate?.notAfter),
      renews_at: secondsOf(certificate?.provider === undefined ? undefined : renewalAt(certificate)),
      ...tried(states.get(name)),
    }
  })
}

/** The server's own certificate is in no table; how it stands with it is for root alone. */
async function ownSite({ stores, caller }: ReadContext): Promise<readonly Row[]> {
  if (caller.kind !== 'root') return []
  const own = (await stores.autoSsl.list()).filter(({ userId }) => userId === undefined)
  const nothing = { user: null, provider: null, not_after: null, renews_at: null }
  return own.map((state) => ({ site: state.site, ...nothing, ...tried(state) }))
}

type State = Awaited<ReturnType<ReadContext['stores']['autoSsl']['list']>>[number]

function tried(state: State | undefined) {
  return {
    last_try: secondsOf(state?.lastTryAt),
    result: state?.result ?? 'none',
    problem: state?.problem ?? '',
    failures: state?.failures ?? 0,
    next_try: state?.result === 'failed' ? toUnixSeconds(state.nextTryAt) : null,
  }
}

function secondsOf(at: Date | undefined): number | null {
  return at === undefined ? null : toUnixSeconds(at)
}
