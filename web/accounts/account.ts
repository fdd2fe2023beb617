/** Accounts as the pages know them. */
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { callFunction } from '../api.ts'
import { useMay } from '../may.ts'
import { queryClient } from '../queries.ts'

export type Account = {
  readonly user: string
  readonly domain: string
  readonly owner: string
  readonly plan: string
  readonly email: string
  readonly suspended: 0 | 1
  readonly suspendreason: string
  /** Unix seconds. */
  readonly suspendtime: number | null
  readonly is_locked: 0 | 1
  readonly unix_startdate: number
}

const WANTED = 'user,domain,owner,plan,email,suspended,suspendreason,suspendtime,is_locked,unix_startdate'

export const accountsQuery = queryOptions({
  queryKey: ['listaccts'],
  queryFn: async () =>
    (await callFunction<{ readonly acct: readonly Account[] }>('listaccts', { want: WANTED })).data.acct,
})

/** The accounts that the reader may act on. */
export function useAccounts(): readonly Account[] {
  return useSuspenseQuery(accountsQuery).data
}

/** Reads the list anew wherever it is shown. */
export async function refreshAccounts(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: accountsQuery.queryKey })
}

export const ownersQuery = queryOptions({
  queryKey: ['listresellers'],
  queryFn: async () => (await callFunction<{ readonly reseller: readonly string[] }>('listresellers')).data.reseller,
})

/** Who can own an account; root alone may choose, and is the first. */
export function useOwners(): readonly string[] {
  return ['root', ...useSuspenseQuery(ownersQuery).data]
}

/** The packages that the reader may use; none where listing them is not theirs. */
export function usePackages(): readonly string[] {
  const may = useMay()
  const { data } = useQuery({
    queryKey: ['listpkgs'],
    queryFn: async () =>
      (await callFunction<{ readonly pkg: readonly { readonly name: string }[] }>('listpkgs')).data.pkg,
    enabled: may('list-pkgs'),
  })
  return data?.map(({ name }) => name) ?? []
}

export type AccountView = 'all' | 'active' | 'suspended'

/** The accounts that fit a view and every word that was typed. */
export function selectAccounts(accounts: readonly Account[], view: AccountView, query: string): readonly Account[] {
  const asked = query.toLowerCase().split(/\s+/).filter(Boolean)
  return accounts.filter(({ user, domain, owner, plan, email, suspended, suspendreason }) => {
    if (view !== 'all' && (suspended === 1) !== (view === 'suspended')) return false
    const text = [user, domain, owner, plan, email, suspended === 1 ? suspendreason : ''].join(' ').toLowerCase()
    return asked.every((word) => text.includes(word))
  })
}
