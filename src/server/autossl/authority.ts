/**
 * An authority that gives certificates by ACME (RFC 8555), through the library. Every wait ends when `signal` says so, and closing the agent
 * ends what is on the wire, so that a stop need not wait for somebody else's server. The library takes a quarter of a second and many
 * megabytes, so load this file only to ask an authority.
 */
import { Agent } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import acme from 'acme-client'
import { messageOf } from './trail.ts'

export type ChallengeType = 'http-01' | 'dns-01'

/** Shows the value where the authority looks for it; gives what takes it away. */
export type Solve = (domain: string, token: string, value: string, signal: AbortSignal) => Promise<() => Promise<void>>

export type Issued = {
  /** The certificate and its chain, PEM. */
  readonly pem: string
  /** Those of the wanted domains that are in it. */
  readonly domains: readonly string[]
}

export type Authority = {
  /**
   * A certificate for the domains that the authority is convinced of, the first among them; without that one it throws the reason. `csr`
   * makes the signing request.
   */
  order(domains: readonly string[], csr: (domains: readonly string[]) => Promise<string>, solve: Solve): Promise<Issued>
  close(): void
}

export type AuthorityOptions = {
  readonly directory: string
  readonly challenge: ChallengeType
  /** PEM; undefined: what Node.js trusts. */
  readonly ca: string | undefined
  readonly contacts: readonly string[]
  /** PEM of the account's key. */
  readonly accountKey: string
  readonly signal: AbortSignal
}

const REQUEST_MAX_MS = 20_000
const REPLY_MAX_BYTES = 1024 * 1024
const POLL_MS = [250, 500, 1000, 2000, 5000]
const PROOF_MAX_MS = 180_000

/** By the origin that is asked: the library has one HTTP client for the whole process. */
const agents = new Map<string, Agent>()
acme.axios.interceptors.request.use((config) => {
  const agent = URL.canParse(config.url ?? '') ? agents.get(new URL(config.url ?? '').origin) : undefined
  if (agent !== undefined) config.httpsAgent = agent
  return Object.assign(config, { timeout: REQUEST_MAX_MS, maxContentLength: REPLY_MAX_BYTES, maxRedirects: 0 })
})
// In place of the library's own rule for failures, which repeats them at once and loses the words of those that had no answer. Each answer
// comes here as a failure, since the library takes none for a success before it has looked at it.
acme.axios.interceptors.response.clear()
acme.axios.interceptors.response.use(
  null,
  (error: { readonly response?: unknown }) => error.response ?? Promise.reject(error),
)

/** Asks nobody anything before the first order. The terms of the authority must have been agreed to. */
export function openAuthority(options: AuthorityOptions): Authority {
  const { directory, challenge: type, ca, contacts, accountKey, signal } = options
  const agent = new Agent({ keepAlive: false, ...(ca !== undefined && { ca }) })
  agents.set(new URL(directory).origin, agent)
  const client = new acme.Client({ directoryUrl: directory, accountKey })
  let account: Promise<unknown> | undefined
  const signUp = (): Promise<unknown> => {
    account ??= client
      .createAccount({ termsOfServiceAgreed: true, contact: contacts.map((contact) => `mailto:${contact}`) })
      .catch((error: unknown) => {
        account = undefined
        throw error
      })
    return account
  }
  const order: Authority['order'] = async (domains, csr, solve) => {
    await signUp()
    signal.throwIfAborted()
    const placed = await client.createOrder({ identifiers: domains.map((value) => ({ type: 'dns', value })) })
    const refused = await prove(client, placed, type, solve, signal)
    const [first] = domains
    const reason = first === undefined ? undefined : refused.get(first)
    if (reason !== undefined) throw new Error(reason)
    // What was proved stays proved for a while, so that the second order needs no challenge.
    if (refused.size > 0)
      return order(
        domains.filter((domain) => !refused.has(domain)),
        csr,
        solve,
      )
    const finalized = await client.finalizeOrder(placed, await csr(domains))
    const ready = await until(
      () => client.getOrder(finalized),
      ({ status }) => status !== 'processing',
      signal,
    )
    if (ready.status !== 'valid') throw new Error(`the order ended as ${ready.status}`)
    return { pem: await client.getCertificate(ready), domains }
  }
  return {
    order,
    close() {
      agents.delete(new URL(directory).origin)
      agent.destroy()
    },
  }
}

type Order = Awaited<ReturnType<acme.Client['createOrder']>>
type Authorization = Awaited<ReturnType<acme.Client['getAuthorizations']>>[number]

/** Answers all challenges of the order together. Gives the domains that the authority is not convinced of, each with the reason. */
async function prove(
  client: acme.Client,
  order: Order,
  type: ChallengeType,
  solve: Solve,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>()
  const undo: (() => Promise<void>)[] = []
  const answer = async (authorization: Authorization): Promise<void> => {
    const challenge = authorization.challenges.find((one) => one.type === type)
    if (challenge === undefined) throw new Error(`the authority offers no challenge of type ${type}`)
    const value = await client.getChallengeKeyAuthorization(challenge)
    undo.push(await solve(authorization.identifier.value, challenge.token, value, signal))
    await client.completeChallenge(challenge)
  }
  try {
    const pending = (await client.getAuthorizations(order)).filter(({ status }) => status === 'pending')
    for (const authorization of pending) {
      signal.throwIfAborted()
      await answer(authorization).catch((error: unknown) => {
        signal.throwIfAborted()
        refused.set(authorization.identifier.value, messageOf(error))
      })
    }
    const waited = await until(
      () => client.getAuthorizations(order),
      (all) => all.every(({ status, identifier }) => status !== 'pending' || refused.has(identifier.value)),
      signal,
    )
    for (const { status, identifier, challenges } of waited)
      if (status !== 'valid' && !refused.has(identifier.value))
        refused.set(identifier.value, problemOf(challenges) ?? `the authorization is ${status}`)
    return refused
  } finally {
    // What cannot be taken away harms nobody.
    for (const step of undo) await step().catch(() => undefined)
  }
}

/** What the authority says of the challenge that failed. */
function problemOf(challenges: Authorization['challenges']): string | undefined {
  for (const challenge of challenges) {
    const { error } = challenge as { readonly error?: { readonly detail?: unknown } } // RFC 8555, 8: an error document
    if (typeof error?.detail === 'string') return error.detail
  }
  return undefined
}

async function until<T>(ask: () => Promise<T>, isOver: (answer: T) => boolean, signal: AbortSignal): Promise<T> {
  const startedMs = performance.now()
  for (let tries = 0; ; tries += 1) {
    const answer = await ask()
    if (isOver(answer) || performance.now() - startedMs > PROOF_MAX_MS) return answer
    await pause(POLL_MS[Math.min(tries, POLL_MS.length - 1)], undefined, { signal, ref: false })
  }
}
