/** What pages read from the server, kept and shared between them. */
import { QueryClient, queryOptions } from '@tanstack/react-query'
import { type Context, createContext, useContext } from 'react'
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

/** For `throwOnError`: where something was read before, that goes on being shown. */
export function isWithoutData(_error: Error, { state }: { readonly state: { readonly data: unknown } }): boolean {
  return state.data === undefined
}

export type Whoami = {
  readonly user: string
  readonly kind: 'root' | 'reseller' | 'account'
  readonly address: string | null
  readonly privileges: readonly string[]
  /** 1: holds all the Initial Privileges. */
  readonly initial_privileges: 0 | 1
  readonly server: {
    readonly hostname: string
    readonly timezone: string
    /** Unix seconds. */
    readonly now: number
    readonly expires_soon_seconds: number
  }
}

export const whoamiQuery = queryOptions({
  queryKey: ['postern_whoami'],
  queryFn: async () => (await callFunction<Whoami>('postern_whoami')).data,
  staleTime: 5 * 60_000,
})

export const WhoamiContext: Context<Whoami | undefined> = createContext<Whoami | undefined>(undefined)

/** Who is signed in and what they may do. From a context: hundreds of moments on a page ask for the server's zone. */
export function useWhoami(): Whoami {
  const found = useContext(WhoamiContext)
  if (found === undefined) throw new Error('this is used outside the frame')
  return found
}
