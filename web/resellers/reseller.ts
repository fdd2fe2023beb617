/** Resellers and their privileges as the pages know them; all of this is root's. */
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { type Arguments, callFunction } from '../api.ts'
import { queryClient } from '../queries.ts'

export type Reseller = {
  readonly user: string
  readonly privileges: readonly string[]
  /** Of new accounts; empty: the server's own. */
  readonly nameservers: readonly string[]
  readonly suspended: 0 | 1
  readonly accounts: number
  readonly tokens: number
}

export const resellersQuery = queryOptions({
  queryKey: ['postern_reseller_list'],
  queryFn: async () =>
    (await callFunction<{ readonly resellers: readonly Reseller[] }>('postern_reseller_list')).data.resellers,
})

export function useResellers(): readonly Reseller[] {
  return useSuspenseQuery(resellersQuery).data
}

/** Reads again whatever hangs on who is a reseller and what they hold. */
export async function refreshResellers(): Promise<void> {
  await Promise.all(
    ['postern_reseller_list', 'postern_reseller_preview', 'listresellers'].map((name) =>
      queryClient.invalidateQueries({ queryKey: [name] }),
    ),
  )
}

export type SavedList = { readonly name: string; readonly privileges: readonly string[] }

export const listsQuery = queryOptions({
  queryKey: ['listacls'],
  queryFn: async (): Promise<readonly SavedList[]> => {
    const { data } = await callFunction<{
      readonly acl: readonly { readonly name: string; readonly privileges: Readonly<Record<string, 0 | 1>> }[]
    }>('listacls')
    return data.acl.map(({ name, privileges }) => ({
      name,
      privileges: Object.keys(privileges).filter((acl) => privileges[acl] === 1),
    }))
  },
})

export function useSavedLists(): readonly SavedList[] {
  return useSuspenseQuery(listsQuery).data
}

export async function refreshLists(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: listsQuery.queryKey })
}

/** `acl-NAME=1` for each, as WHM's functions take them. */
export function flagsOf(chosen: ReadonlySet<string>): Arguments {
  return Object.fromEntries([...chosen].sort().map((acl) => [`acl-${acl}`, 1]))
}

export type Preview = {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly tokens: readonly {
    readonly id: string
    readonly name: string
    readonly loses: readonly string[]
    /** How many privileges it still holds. */
    readonly keeps: number
    readonly last_used_at: number | null
  }[]
}

/** What saving would change, by the server's own rules. */
export function usePreview(reseller: string, chosen: ReadonlySet<string>): Preview | undefined {
  const args = { reseller, ...flagsOf(chosen) }
  return useQuery({
    queryKey: ['postern_reseller_preview', args],
    queryFn: async () => (await callFunction<Preview>('postern_reseller_preview', args)).data,
    placeholderData: (before) => before,
    staleTime: 0,
  }).data
}
