/**
 * AutoSSL: looks now and then for sites without a certificate, and for those whose automatic one is to be renewed, and asks the authority.
 * A few accounts at once, one order at a time for each. Nothing here holds up calls: all of it waits for others or is written in one
 * transaction; and nothing leaves the machine unless the settings say so.
 */

import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { openSecret, sealSecret } from '../../accounts/sealed-secret.ts'
import type { Settings } from '../../config/schema.ts'
import type { AutoSslService } from '../../functions/context.ts'
import type { Vhost } from '../../functions/ssl/vhosts.ts'
import { waitMsAfter } from '../../hosting/certificates/renewal.ts'
import { makeTurns } from '../../hosting/hosts/turns.ts'
import { alertStoreOn } from '../../storage/alert-store.ts'
import { autoSslStoreOn } from '../../storage/autossl-store.ts'
import { certificateStoreOn } from '../../storage/certificate-store.ts'
import type { Authority, Solve } from './authority.ts'
import { issueFor } from './issue.ts'
import type { AutoSslParts } from './parts.ts'
import { makeRounds, type Rounds } from './rounds.ts'
import { dueSites, notRenewed } from './sites.ts'
import { takeAnswerAway } from './solvers.ts'
import { autoSslEntry, messageOf } from './trail.ts'

const LOOK_MS = 600_000
const AT_ONCE = 4
/** Longer than a try can take; after a crash nobody tries before. */
const CLAIM_MS = 1_200_000

/** A site that is no account's: the server itself. */
export type OwnSite = {
  readonly name: string
  /** Says whether its certificate should be had anew. */
  isDue(now: Date): Promise<boolean>
  csr(): Promise<string>
  readonly solve: Solve
  install(pem: string): Promise<void>
}

/** What the functions may know of it. */
export function autoSslService(settings: Settings, wakeUp: () => void): AutoSslService {
  return {
    isOn: settings.autossl === 'on',
    directory: settings.acmeDirectory,
    challenge: settings.acmeChallenge,
    areTermsAgreed: settings.acmeTermsAgreed === 'yes',
    wakeUp,
  }
}

export class AutoSsl {
  readonly #parts: AutoSslParts
  readonly #stopped = new AbortController()
  #own: OwnSite | undefined
  #timer: NodeJS.Timeout | undefined
  #authority: Promise<Authority> | undefined
  readonly #rounds: readonly Rounds[]

  constructor(parts: AutoSslParts) {
    this.#parts = parts
    const isOver = (): boolean => this.#timer === undefined || this.#stopped.signal.aborted
    const onError = (error: unknown): void => {
      if (!this.#stopped.signal.aborted) parts.log.warn({ error }, 'AutoSSL could not look for sites')
    }
    // The server's own name waits for no account.
    this.#rounds = [() => this.#lookAtOwn(), () => this.#look()].map((look) => makeRounds(look, isOver, onError))
  }

  /** Looks at once and then every ten minutes. Does nothing that the settings do not ask for. */
  start(own: OwnSite | undefined): void {
    const { settings, log } = this.#parts
    this.#own = own
    if (settings.autossl === 'off' && own === undefined) return
    if (settings.acmeTermsAgreed === 'no') {
      log.warn({ directory: settings.acmeDirectory }, 'AutoSSL waits: acme_terms_agreed is not “yes”')
      return
    }
    this.#timer = setInterval(() => this.wakeUp(), LOOK_MS).unref()
    this.wakeUp()
  }

  /** Looks soon: now, or when the look that is under way has ended. */
  wakeUp(): void {
    for (const rounds of this.#rounds) rounds.wakeUp()
  }

  /** What is under way ends at its next step; whatever it showed to the authority is taken away. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#stopped.abort()
    const authority = await this.#authority?.catch(() => undefined)
    authority?.close()
    for (const rounds of this.#rounds) await rounds.ended()
  }

  async #lookAtOwn(): Promise<void> {
    const own = this.#own
    if (own !== undefined && (await own.isDue(this.#parts.now()))) await this.#tryOwn(own)
  }

  async #look(): Promise<void> {
    const { settings, door, now } = this.#parts
    const turns = makeTurns(AT_ONCE)
    for (const answer of await door.stores.autoSsl.listLeftAnswers(now())) await takeAnswerAway(this.#parts, answer)
    const byAccount = settings.autossl === 'on' ? await dueSites(door.stores, now()) : []
    // One that fails must not leave the others to themselves.
    const ended = await Promise.allSettled(
      byAccount.map(async (due) => {
        // Before its next site an account waits behind all others.
        for (const vhost of due)
          await turns(async () => {
            if (!this.#stopped.signal.aborted) await this.#trySite(vhost)
          })
      }),
    )
    const failed = ended.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  #trySite(vhost: Vhost): Promise<void> {
    return this.#claimed(vhost.name, vhost.account.userId, async (authority) => {
      await issueFor(this.#parts, authority, vhost)
    })
  }

  #tryOwn(own: OwnSite): Promise<void> {
    return this.#claimed(own.name, undefined, async (authority) => {
      const { pem } = await authority.order([own.name], () => own.csr(), own.solve)
      await own.install(pem)
      const { door, now } = this.#parts
      await door.write(
        async (stores) => {
          await stores.autoSsl.succeeded(own.name, now())
          await stores.audit.append([autoSslEntry(own.name, 'done', 'OK', {}, now())])
        },
        { urgent: false },
      )
    })
  }

  /** Whoever has the claim tries; what goes wrong is kept with the site, and tried again later. */
  async #claimed(site: string, userId: number | undefined, work: (authority: Authority) => Promise<void>) {
    const { storage, now, door, log } = this.#parts
    const until = new Date(now().getTime() + CLAIM_MS)
    if (!(await storage.write((trx) => autoSslStoreOn(trx).claim(site, userId, now(), until)))) return
    try {
      await work(await this.#open())
    } catch (error) {
      if (this.#stopped.signal.aborted) {
        await storage.write((trx) => autoSslStoreOn(trx).release(site))
        return
      }
      const problem = messageOf(error)
      const failures = ((await autoSslStoreOn(storage.read).find(site))?.failures ?? 0) + 1
      const next = new Date(now().getTime() + waitMsAfter(failures, Math.random()))
      await storage.write(async (trx) => {
        await autoSslStoreOn(trx).failed(site, now(), problem, next)
        const alert = await notRenewed(certificateStoreOn(trx), site, problem, now())
        if (alert !== undefined) await alertStoreOn(trx).raise([alert])
      })
      door.trail(autoSslEntry(site, 'failed', problem, { failures, next_try: next.toISOString() }, now()))
      log.warn({ site, problem, failures, nextTry: next.toISOString() }, 'AutoSSL could not get a certificate')
    }
  }

  #open(): Promise<Authority> {
    this.#authority ??= this.#openAuthority().catch((error: unknown) => {
      this.#authority = undefined
      throw error
    })
    return this.#authority
  }

  async #openAuthority(): Promise<Authority> {
    const { settings } = this.#parts
    const { openAuthority } = await import('./authority.ts')
    return openAuthority({
      directory: settings.acmeDirectory,
      challenge: settings.acmeChallenge,
      ca: settings.acmeCaFile === undefined ? undefined : await readFile(settings.acmeCaFile, 'utf8'),
      contacts: settings.acmeContact,
      accountKey: await this.#accountKey(),
      signal: this.#stopped.signal,
    })
  }

  /** One for all nodes: whoever is first makes it. */
  async #accountKey(): Promise<string> {
    const { settings, storage, door, now } = this.#parts
    const { peppers } = door.services
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const fresh = sealSecret(pem, NOBODY, peppers, 'acme account')
    const sealed = await storage.write((trx) => autoSslStoreOn(trx).accountKey(settings.acmeDirectory, fresh, now()))
    return openSecret(sealed, NOBODY, peppers, 'acme account')
  }
}

/** No user has this number: the key is the server's. */
const NOBODY = 0
