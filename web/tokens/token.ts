/** A token as the pages know it, and how its list is read. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { callFunction } from '../api.ts'

export type TokenStatus = 'active' | 'expires-soon' | 'expired' | 'paused' | 'revoked'

export type Token = {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly isOwnerSuspended: boolean
  readonly privileges: readonly string[]
  /** Empty: any address. */
  readonly ips: readonly string[]
  /** Unix seconds, as all moments here; undefined: never. */
  readonly createdAt: number
  readonly expiresAt: number | undefined
  readonly lastUsedAt: number | undefined
  readonly lastUsedFrom: string
  readonly calls: number
  readonly lastRefusedAt: number | undefined
  readonly lastRefusedFrom: string
  readonly revokedAt: number | undefined
  /** Until then the reader can take the revoke back; undefined: they cannot. */
  readonly undoUntil: number | undefined
  readonly status: TokenStatus
  readonly pauseReason: string
  readonly note: string
  readonly ticket: string
}

type Listed = {
  readonly postern_id: string
  readonly name: string
  readonly owner: string
  readonly owner_suspended: 0 | 1
  readonly privileges: readonly string[]
  readonly whitelist_ips: readonly string[] | null
  readonly create_time: number
  readonly expires_at: number | null
  readonly postern_last_used: number | null
  readonly postern_last_used_from: string | null
  readonly postern_calls: number
  readonly postern_last_refused: number | null
  readonly postern_last_refused_from: string | null
  readonly postern_revoked: number | null
  readonly postern_undo_until: number | null
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
    isOwnerSuspended: listed.owner_suspended === 1,
    privileges: listed.privileges,
    ips: listed.whitelist_ips ?? [],
    createdAt: listed.create_time,
    expiresAt: listed.expires_at ?? undefined,
    lastUsedAt: listed.postern_last_used ?? undefined,
    lastUsedFrom: listed.postern_last_used_from ?? '',
    calls: listed.postern_calls,
    lastRefusedAt: listed.postern_last_refused ?? undefined,
    lastRefusedFrom: listed.postern_last_refused_from ?? '',
    revokedAt: listed.postern_revoked ?? undefined,
    undoUntil: listed.postern_undo_until ?? undefined,
    status: listed.postern_status,
    pauseReason: listed.pause_reason,
    note: listed.note,
    ticket: listed.ticket,
  }
}

export const TOKENS_KEY = ['postern_token_list']

export const tokensQuery = queryOptions({
  queryKey: TOKENS_KEY,
  queryFn: async () => {
    const { data } = await callFunction<{ readonly tokens: readonly Listed[] }>('postern_token_list', {
      short: 1,
      revoked: 1,
    })
    return data.tokens.map(tokenOf)
  },
})

/** Every token that the reader may see, those revoked within 30 days as well: everybody's for root, their own otherwise. */
export function useListedTokens(): readonly Token[] {
  return useSuspenseQuery(tokensQuery).data
}

/** As `useListedTokens`, without those that are revoked. */
export function useTokens(): readonly Token[] {
  return useSuspenseQuery({ ...tokensQuery, select: notRevoked }).data
}

function notRevoked(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter(({ status }) => status !== 'revoked')
}
