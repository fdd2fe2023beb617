/** What a token did, as `postern_token_usage` tells it. */
import { queryOptions } from '@tanstack/react-query'
import { callFunction } from '../api.ts'

export type Named = { readonly name: string; readonly calls: number; readonly last: number }
export type Point = { readonly time: number; readonly calls: number; readonly refused: number }

export type Secret = {
  readonly secret_number: number
  readonly is_newest: number
  readonly awaits_first_use?: number
  readonly last_used: number | null
  readonly last_used_from: string | null
  readonly ends_at?: number | null
  readonly ends_with_first_use?: number
  readonly ended?: number | null
}

export type Usage = {
  readonly token: {
    readonly name: string
    readonly owner: string
    readonly acls: Readonly<Record<string, number>>
    readonly create_time: number
    readonly postern_status: 'active' | 'expires-soon' | 'expired' | 'paused' | 'revoked'
    readonly postern_calls: number
    readonly postern_refused: number
    readonly postern_first_used: number | null
    readonly postern_last_used: number | null
    readonly postern_last_used_from: string | null
    readonly postern_last_function: string | null
    readonly postern_last_refused: number | null
    readonly postern_last_refused_reason: string | null
    readonly postern_revoke_reason: string | null
  }
  readonly accuracy_seconds: number
  readonly series: readonly Point[]
  readonly functions: readonly Named[]
  readonly accounts: readonly Named[]
  readonly addresses: readonly Named[]
  readonly refusals: readonly Named[]
  readonly unused_privileges: readonly string[]
  readonly secrets: readonly Secret[]
}

export const USAGE_DAYS = 30

export const usageQuery = (id: string) =>
  queryOptions({
    queryKey: ['postern_token_usage', id],
    queryFn: async () => (await callFunction<Usage>('postern_token_usage', { token_id: id })).data,
    staleTime: 0,
    // Whoever rotates a token watches here until the old secret is silent.
    refetchInterval: 10_000,
  })
