/** Where the answers to an authority's questions are shown: among the pages of a site, or in a zone of this server. */
import { Resolver } from 'node:dns/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Account } from '../../accounts/account.ts'
import type { Stores } from '../../functions/context.ts'
import type { Vhost } from '../../functions/ssl/vhosts.ts'
import { addTxt, findZoneOver, removeTxt, type ZoneChange } from '../../functions/zones/change-zone.ts'
import type { ZoneAnswer } from '../../hosting/certificates/renewal.ts'
import type { HostTask } from '../../hosting/host.ts'
import type { Zone } from '../../hosting/zones/zone.ts'
import type { Solve } from './authority.ts'
import type { AutoSslParts } from './parts.ts'
import { autoSslEntry } from './trail.ts'

type Parts = Pick<AutoSslParts, 'door' | 'settings' | 'now'>

/** For all domains of an order: a name that is delegated elsewhere is never seen. */
const SEEN_MAX_MS = 240_000
const ASK_AGAIN_MS = 500
/** Where no name server is named that can be asked: it was told of the change, and reads the zone in a moment. */
const BLIND_WAIT_MS = 10_000

/** For a site of an account: its pages, or a zone that it may use. */
export function solveForSite(parts: Parts, { name, account, documentRoot }: Vhost): Solve {
  const { door, settings } = parts
  if (settings.acmeChallenge === 'dns-01')
    return solveByZone(parts, name, (zone, stores) => mayAnswerIn(stores, zone, account))
  return (_domain, token, value) => door.services.host.answerChallenge(account.home, documentRoot, token, value)
}

/** Its own zone; one of root's alone, where root owns the account: a reseller's may have a name that nobody gave it. */
async function mayAnswerIn({ accounts }: Stores, zone: Zone, account: Account): Promise<boolean> {
  if (zone.ownerId !== undefined) return zone.ownerId === account.userId
  return (await accounts.findUserById(account.ownerId))?.kind === 'root'
}

const PREFIX = '_acme-challenge.'

/**
 * For one order: its domains share the time to be seen. The record stands in the zone, and the name servers show it, before the authority
 * looks (RFC 8555, 8.4).
 */
export function solveByZone(
  parts: Parts,
  site: string,
  mayUse: (zone: Zone, stores: Stores) => boolean | Promise<boolean>,
): Solve {
  const patience = makePatience(SEEN_MAX_MS)
  return async (domain, _token, value, signal) => {
    const answer = { site, name: `${PREFIX}${domain}`, value }
    await changeZones(parts, domain, 'answers', async (change, stores) => {
      const zone = await findZoneOver(stores, domain)
      if (zone === undefined || !(await mayUse(zone, stores))) throw new Error(`no zone here answers for ${domain}`)
      await addTxt(change, zone, answer.name, value)
      await stores.autoSsl.noteAnswer(answer)
    })
    const takeAway = (): Promise<void> => takeAnswerAway(parts, answer)
    try {
      await patience((maxMs) => untilShown(parts.settings.acmeDnsServers, answer.name, value, maxMs, signal))
    } catch (error) {
      await takeAway()
      throw error
    }
    return takeAway
  }
}

/** Does nothing where the record, or the whole zone, is gone. */
export async function takeAnswerAway(parts: Parts, answer: ZoneAnswer): Promise<void> {
  const domain = answer.name.slice(PREFIX.length)
  await changeZones(parts, domain, 'takes the answer away', async (change, stores) => {
    const zone = await findZoneOver(stores, domain)
    if (zone !== undefined) await removeTxt(change, zone, answer.name, answer.value)
    await stores.autoSsl.forgetAnswer(answer)
  })
}

async function changeZones(
  { door, now }: Parts,
  domain: string,
  step: string,
  work: (change: ZoneChange, stores: Stores) => Promise<void>,
): Promise<void> {
  const tasks: { readonly id: number; readonly task: HostTask }[] = []
  await door.write(
    async (stores) => {
      tasks.length = 0
      const afterCommit = async (task: HostTask) =>
        void tasks.push({ id: await stores.hostTasks.add(task, now()), task })
      await work({ stores, now: now(), afterCommit }, stores)
      await stores.audit.append([autoSslEntry(domain, 'done', 'OK', { challenge: 'dns-01', step }, now())])
    },
    { urgent: false },
  )
  const [warning] = await door.runHostTasks(tasks)
  if (warning !== undefined) throw new Error(warning)
}

/** Each wait may take half of what those before left, so that all together end in time and none finds nothing left. */
export function makePatience(totalMs: number): (wait: (maxMs: number) => Promise<void>) => Promise<void> {
  let leftMs = totalMs
  return async (wait) => {
    const startedMs = performance.now()
    try {
      await wait(leftMs / 2)
    } finally {
      leftMs = Math.max(0, leftMs - (performance.now() - startedMs))
    }
  }
}

async function untilShown(
  servers: readonly string[],
  name: string,
  value: string,
  maxMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (servers.length === 0) await pause(BLIND_WAIT_MS, undefined, { signal, ref: false })
  const startedMs = performance.now()
  for (const server of servers) {
    const resolver = new Resolver({ timeout: 2_000, tries: 1 })
    resolver.setServers([server])
    while (!(await shows(resolver, name, value))) {
      if (performance.now() - startedMs > maxMs) throw new Error(`the name server ${server} does not show ${name}`)
      await pause(ASK_AGAIN_MS, undefined, { signal, ref: false })
    }
  }
}

/** A server that does not answer, or not yet with this, shows nothing. */
function shows(resolver: Resolver, name: string, value: string): Promise<boolean> {
  return resolver.resolveTxt(name).then(
    (records) => records.some((pieces) => pieces.join('') === value),
    () => false,
  )
}
