/** Calls functions as any client does, with the session of this browser; the one place where their failures become errors. */
import { sessionPath } from './session.ts'
import { words } from './words.ts'

/**
 * Why a call gave nothing. `failed`: the server says why, in words for people. `session-ended`: sign in again. `confirm`: the
 * sign-in is too old for this, the password is asked for once more. `unreachable`: nobody knows whether it was done.
 */
export class ApiError extends Error {
  readonly kind: 'failed' | 'session-ended' | 'confirm' | 'unreachable'
  /** The failure's code, as `docs/reference/failures.md` lists them; undefined when the server did not say. */
  readonly code: string | undefined
  constructor(kind: ApiError['kind'], message: string, code?: string) {
    super(message)
    this.name = 'ApiError'
    this.kind = kind
    this.code = code
  }
}

/** A list is sent as the same name several times; what is undefined is left out. */
export type Arguments = Readonly<Record<string, string | number | readonly string[] | undefined>>

type Envelope = {
  readonly data: unknown
  readonly metadata: {
    readonly result: number
    readonly reason: string
    readonly output?: { readonly warnings?: readonly string[] }
  }
}

/** `T` is what the reference says the function answers; it is not checked again here. */
export type Answer<T> = { readonly data: T; readonly reason: string; readonly warnings: readonly string[] }

/**
 * Calls a function by POST, so that nothing of the arguments stands in an address or a log. Where the session has ended, the reader
 * is asked to sign in again, and the call is made in the new one. Throws `ApiError`.
 */
export async function callFunction<T>(name: string, args: Arguments = {}): Promise<Answer<T>> {
  const call = (): Promise<Sent> => send(`${sessionPath()}/json-api/${name}`, formOf(args))
  let sent = await call()
  if (sent.reply.status === 401 && (await renewSession())) sent = await call()
  const { reply } = sent
  if (reply.status === 401) throw new ApiError('session-ended', words.errors.sessionEnded)
  const envelope = envelopeIn(sent)
  const { metadata } = envelope
  if (metadata.result !== 1) {
    const code = reply.headers.get('x-postern-failure') ?? undefined
    throw new ApiError(code === 'password-needed' ? 'confirm' : 'failed', metadata.reason, code)
  }
  return { data: envelope.data as T, reason: metadata.reason, warnings: metadata.output?.warnings ?? [] }
}

/** As `callFunction`; where the server wants the password proved anew, it is asked for, and the call is made again. */
export async function callConfirmed<T>(name: string, args: Arguments = {}): Promise<Answer<T>> {
  try {
    return await callFunction<T>(name, args)
  } catch (error) {
    if (!(error instanceof ApiError) || error.kind !== 'confirm' || askPassword === undefined) throw error
    await askPassword()
    return callFunction<T>(name, args)
  }
}

let askPassword: (() => Promise<void>) | undefined

/** The frame says how a password is asked for: settles once it was proved, and throws when the reader thinks better of it. */
export function askPasswordWith(ask: (() => Promise<void>) | undefined): void {
  askPassword = ask
}

/** Far longer than any of these functions takes: a server that is silent for so long is told of as one that cannot be reached. */
const ANSWER_WITHIN_MS = 30_000

type Sent = { readonly reply: Response; readonly body: unknown }

let askToSignIn: (() => Promise<void>) | undefined
let renewal: Promise<boolean> | undefined

/** The frame says how the reader signs in again: settles once a new session is there, and throws when they think better of it. */
export function askToSignInWith(ask: (() => Promise<void>) | undefined): void {
  askToSignIn = ask
}

/** Whether there is a new session. The calls of a page that all find it ended ask once. */
function renewSession(): Promise<boolean> {
  if (askToSignIn === undefined) return Promise.resolve(false)
  renewal ??= askToSignIn()
    .then(
      () => true,
      () => false,
    )
    .finally(() => {
      renewal = undefined
    })
  return renewal
}

export type SignInAnswer = {
  readonly status: 0 | 1
  readonly security_token?: string
  readonly message?: string
  readonly reason?: 'invalid_login' | 'tfa_required' | 'tfa_invalid' | 'too_many_attempts'
  /** Stands for the password that was right, while the second factor is asked for. */
  readonly ticket?: string
}

/** Signs in as the sign-in page does. Throws `ApiError` where there is no answer. */
export async function signIn(fields: Readonly<Record<string, string>>): Promise<SignInAnswer> {
  const sent = await send('/login/', new URLSearchParams({ ...fields, login_only: '1' }))
  if (typeof sent.body !== 'object' || sent.body === null)
    throw new ApiError('failed', words.errors.status(sent.reply.status))
  return sent.body as SignInAnswer
}

/** The whole answer, or `unreachable`; a body that is no JSON is undefined. */
async function send(path: string, body: URLSearchParams): Promise<Sent> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), ANSWER_WITHIN_MS)
  try {
    const reply = await fetch(path, {
      method: 'POST',
      body,
      cache: 'no-store',
      redirect: 'error',
      signal: silence.signal,
    })
    const text = await reply.text()
    return { reply, body: asJson(text) }
  } catch {
    throw new ApiError('unreachable', words.errors.unreachable)
  } finally {
    clearTimeout(timer)
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A refusal that is no envelope, such as a 403 at the door, is told by its status alone. */
function envelopeIn({ reply, body: read }: Sent): Envelope {
  const body = read as Partial<Envelope> | undefined
  if (body?.metadata === undefined) throw new ApiError('failed', words.errors.status(reply.status))
  return body as Envelope
}

export function formOf(args: Arguments): URLSearchParams {
  const form = new URLSearchParams({ 'api.version': '1' })
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined) continue
    for (const item of Array.isArray(value) ? value : [value]) form.append(name, String(item))
  }
  return form
}
