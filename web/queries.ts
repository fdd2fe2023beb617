/** What pages read from the server, kept and shared between them. */
import { QueryClient, queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { ApiError, callFunction } from './api.ts'

export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // A refusal is an answer; only silence is worth a second try.
      retry: (count, error) => error instanceof ApiError && error.kind === 'unreachable' && count < 1,
    },
  },
})

export type Whoami = {
  readonly user: string
  readonly kind: 'root' | 'reseller' | 'account'
  readonly address: string | null
  readonly privileges: readonly string[]
  readonly server: {
    readonly hostname: string
    readonly timezone: string
    /** Unix seconds. */
    readonly now: number
    readonly expires_soon_seconds: number
  }
}

const whoami = queryOptions({
  queryKey: ['postern_whoami'],
  queryFn: async () => (await callFunction<Whoami>('postern_whoami')).data,
  staleTime: 5 * 60_000,
})

/** Who is signed in and what they may do; below the frame it is always there. */
export function useWhoami(): Whoami {
  return useSuspenseQuery(whoami).data
}
