/** What is done to tokens from their list: the calls, and what is said and read anew afterwards. */
import { callConfirmed, callFunction } from '../api.ts'
import { sayDone } from '../parts/say.ts'
import { sayUndoable } from '../parts/say-undoable.tsx'
import { queryClient } from '../queries.ts'
import { words } from '../words.ts'
import { TOKENS_KEY, type Token } from './token.ts'

/** The most tokens that one call takes. */
const AT_ONCE = 200

const ACTS = { pause: 'postern_token_pause', revoke: 'postern_token_revoke' } as const
const UNDOES = { pause: 'postern_token_resume', revoke: 'postern_token_unrevoke' } as const

/** What was done, as far as its undo needs it. */
export type Done = { readonly act: keyof typeof ACTS; readonly ids: readonly string[] }

export async function actOn({ act, ids }: Done): Promise<void> {
  await inParts(ACTS[act], ids)
}

/** Within 60 minutes also after a revoke, unless the secret leaked. */
export async function undo({ act, ids }: Done): Promise<void> {
  await inParts(UNDOES[act], ids)
}

async function inParts(name: string, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += AT_ONCE)
    await callFunction(name, { token_id: ids.slice(start, start + AT_ONCE) })
  await refreshTokens()
}

export async function undoRevoke(token: Token): Promise<void> {
  await undo({ act: 'revoke', ids: [token.id] })
  sayDone(words.tokens.revoke.undone(1))
}

/** Reads the list anew wherever it is shown. */
export async function refreshTokens(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: TOKENS_KEY })
}

function namesOf(tokens: readonly Token[]): string {
  const names = tokens.slice(0, 5).map(({ name }) => name)
  return tokens.length > 5 ? `${names.join(', ')} … (${tokens.length})` : names.join(', ')
}

async function done(tokens: readonly Token[], say: (names: string) => string): Promise<void> {
  await refreshTokens()
  sayDone(say(namesOf(tokens)))
}

export async function pauseTokens(tokens: readonly Token[]): Promise<void> {
  const done: Done = { act: 'pause', ids: tokens.map(({ id }) => id) }
  await actOn(done)
  const names = namesOf(tokens)
  sayUndoable({
    message: words.tokens.pause.done(names),
    undo: () => undo(done),
    undone: words.tokens.pause.resumed(names),
  })
}

export async function resumeTokens(tokens: readonly Token[]): Promise<void> {
  await undo({ act: 'pause', ids: tokens.map(({ id }) => id) })
  await done(tokens, words.tokens.pause.resumed)
}

export async function revokeTokens(tokens: readonly Token[]): Promise<void> {
  const done: Done = { act: 'revoke', ids: tokens.map(({ id }) => id) }
  await actOn(done)
  sayRevoked(done, words.tokens.revoke.done(namesOf(tokens)))
}

/** Says what was revoked, with the button that takes it back. */
export function sayRevoked(done: Done, message: string): void {
  sayUndoable({ message, undo: () => undo(done), undone: words.tokens.revoke.undone(done.ids.length) })
}

/** `expiresAt` in Unix seconds; 0: never. The tokens must be the caller's own. */
export async function setExpiryOf(tokens: readonly Token[], expiresAt: number): Promise<void> {
  for (const { name } of tokens) await callConfirmed('api_token_update', { token_name: name, expires_at: expiresAt })
  await done(tokens, words.tokens.expiry.done)
}
