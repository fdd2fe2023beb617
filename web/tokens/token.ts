/** A token as the pages know it, and how its list is read. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { callFunction } from '../api.ts'

export type TokenStatus = 'active' | 'expires-soon' | 'expired' | 'paused'

export type Token = {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly privileges: readonly string[]
  /** Empty: any address. */
  readonly ips: readonly string[]
  /** Unix seconds, as all moments here; undefined: never. */
  readonly createdAt: number
  readonly expiresAt: number | undefined
  readonly lastUsedAt: number | undefined
  readonly lastUsedFrom: string
  readonly calls: number
  readonly status: TokenStatus
  readonly pauseReason: string
  readonly note: string
  readonly ticket: string
}

type Listed = {
  readonly postern_id: string
  readonly name: string
  readonly owner: string
  readonly privileges: readonly string[]
  readonly whitelist_ips: readonly string[] | null
  readonly create_time: number
  readonly expires_at: number | null
  readonly postern_last_used: number | null
  readonly postern_last_used_from: string | null
  readonly postern_calls: number
  readonly postern_status: TokenStatus
  readonly pause_reason: string
  readonly note: string
  readonly ticket: string
}

function tokenOf(listed: Listed): Token {
  return {
    id: listed.postern_id,
    name: listed.name,
    owner: listed.owner,
    privileges: listed.privileges,
    ips: listed.whitelist_ips ?? [],
    createdAt: listed.create_time,
    expiresAt: listed.expires_at ?? undefined,
    lastUsedAt: listed.postern_last_used ?? undefined,
    lastUsedFrom: listed.postern_last_used_from ?? '',
    calls: listed.postern_calls,
    status: listed.postern_status,
    pauseReason: listed.pause_reason,
    note: listed.note,
    ticket: listed.ticket,
  }
}

export const TOKENS_KEY = ['postern_token_list']

const tokensQuery = queryOptions({
  queryKey: TOKENS_KEY,
  queryFn: async () => {
    const { data } = await callFunction<{ readonly tokens: readonly Listed[] }>('postern_token_list', { short: 1 })
    return data.tokens.map(tokenOf)
  },
})

/** Every token that the reader may see: everybody's for root, their own otherwise. */
export function useTokens(): readonly Token[] {
  return useSuspenseQuery(tokensQuery).data
}
