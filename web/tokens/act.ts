/** What is done to tokens from their list: the calls, and what is said and read anew afterwards. */
import { callFunction } from '../api.ts'
import { sayDone } from '../parts/say.ts'
import { queryClient } from '../queries.ts'
import { words } from '../words.ts'
import { TOKENS_KEY, type Token } from './token.ts'

/** The most tokens that one call takes. */
const AT_ONCE = 200

async function inParts(name: string, tokens: readonly Token[]): Promise<void> {
  for (let start = 0; start < tokens.length; start += AT_ONCE) {
    await callFunction(name, { token_id: tokens.slice(start, start + AT_ONCE).map(({ id }) => id) })
  }
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
  await inParts('postern_token_pause', tokens)
  await done(tokens, words.tokens.pause.done)
}

export async function resumeTokens(tokens: readonly Token[]): Promise<void> {
  await inParts('postern_token_resume', tokens)
  await done(tokens, words.tokens.pause.resumed)
}

export async function revokeTokens(tokens: readonly Token[]): Promise<void> {
  await inParts('postern_token_revoke', tokens)
  await done(tokens, words.tokens.revoke.done)
}

/** `expiresAt` in Unix seconds; 0: never. The tokens must be the caller's own. */
export async function setExpiryOf(tokens: readonly Token[], expiresAt: number): Promise<void> {
  for (const { name } of tokens) await callFunction('api_token_update', { token_name: name, expires_at: expiresAt })
  await done(tokens, words.tokens.expiry.done)
}
