/** Brute-force protection as WHM's functions answer it, read in one go: what a page shows of it belongs together. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { ApiError, callFunction } from '../api.ts'
import { queryClient } from '../queries.ts'

/** Moments are `YYYY-MM-DD hh:mm:ss` in the server's zone. */
export type Ban = {
  readonly ip: string
  readonly logintime: string
  readonly exptime: string
  readonly notes: string
}

/** `exptime` is empty for a lock that has no end by itself. */
export type GuessedUser = Ban & { readonly user: string }

export type FailedLogin = {
  readonly user: string
  readonly ip: string
  readonly service: string
  readonly authservice: string
  readonly logintime: string
}

export const LIST_NAMES = ['white', 'black'] as const
export type ListName = (typeof LIST_NAMES)[number]

type Records = {
  /** Comments by address, as the list has them. */
  readonly ips_in_list: Readonly<Record<string, string>>
  readonly requester_ip: string
}

export type Config = Readonly<Record<string, number | string>>

export type ProtectionState = {
  readonly config: Config
  readonly bans: readonly Ban[]
  readonly users: readonly GuessedUser[]
  readonly failed: readonly FailedLogin[]
  readonly lists: Readonly<Record<ListName, Records>>
}

async function read<T>(name: string, args = {}): Promise<T> {
  return (await callFunction<T>(name, args)).data
}

const list = (name: ListName): Promise<Records> =>
  read('read_cphulk_records', { list_name: name, skip_enabled_check: 1 })

export const protectionQuery = queryOptions({
  queryKey: ['load_cphulk_config'],
  queryFn: async (): Promise<ProtectionState> => {
    const [config, short, long, users, failed, white, black] = await Promise.all([
      read<{ readonly cphulk_config: Config }>('load_cphulk_config'),
      read<{ readonly brutes: readonly Ban[] }>('get_cphulk_brutes'),
      read<{ readonly excessive_brutes: readonly Ban[] }>('get_cphulk_excessive_brutes'),
      read<{ readonly user_brutes: readonly GuessedUser[] }>('get_cphulk_user_brutes'),
      read<{ readonly failed_logins: readonly FailedLogin[] }>('get_cphulk_failed_logins'),
      list('white'),
      list('black'),
    ])
    return {
      config: config.cphulk_config,
      bans: [...long.excessive_brutes, ...short.brutes],
      users: users.user_brutes,
      failed: failed.failed_logins,
      lists: { white, black },
    }
  },
  staleTime: 0,
})

export function useProtection(): ProtectionState {
  return useSuspenseQuery(protectionQuery).data
}

export async function refreshProtection(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: protectionQuery.queryKey })
}

/** The argument that a refused call is about, with the server's sentence; throws what says nothing of one. */
export function argumentProblem(error: unknown): { readonly argument: string; readonly problem: string } {
  const argument = error instanceof ApiError ? /^The argument “([^”]+)”/.exec(error.message)?.[1] : undefined
  if (argument === undefined) throw error
  return { argument, problem: (error as ApiError).message }
}
