/** What is done to many tokens by their ids, and its undo. */
import { callFunction } from '../api.ts'
import { refreshTokens } from '../tokens/act.ts'

/** The most tokens that one call takes. */
const AT_ONCE = 200

const UNDO = { pause: 'postern_token_resume', revoke: 'postern_token_unrevoke' } as const
const ACT = { pause: 'postern_token_pause', revoke: 'postern_token_revoke' } as const

export type Act = keyof typeof ACT
/** What was done, as far as its undo needs it. */
export type Done = { readonly act: Act; readonly ids: readonly string[] }

export async function actOn({ act, ids }: Done): Promise<void> {
  await inParts(ACT[act], ids)
}

export async function undo({ act, ids }: Done): Promise<void> {
  await inParts(UNDO[act], ids)
}

async function inParts(name: string, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += AT_ONCE)
    await callFunction(name, { token_id: ids.slice(start, start + AT_ONCE) })
  await refreshTokens()
}
