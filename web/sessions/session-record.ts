/** Browser sessions as the page knows them. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { callFunction } from '../api.ts'
import { queryClient } from '../queries.ts'

export type SessionRecord = {
  readonly id: string
  readonly user: string
  readonly service: 'whm' | 'cpanel'
  readonly address: string
  /** Unix seconds, as the next. */
  readonly created_at: number
  readonly last_seen_at: number
  readonly is_current: 0 | 1
}

export const sessionsQuery = queryOptions({
  queryKey: ['postern_session_list'],
  queryFn: async () =>
    (await callFunction<{ readonly sessions: readonly SessionRecord[] }>('postern_session_list')).data.sessions,
  staleTime: 0,
})

/** Everybody's for root, the reader's own otherwise; the newest first. */
export function useSessions(): readonly SessionRecord[] {
  return useSuspenseQuery(sessionsQuery).data
}

export async function refreshSessions(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
}
