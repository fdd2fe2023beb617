/** Privileges as the pages know them. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { callFunction } from '../api.ts'

export type OpenedFunction = { readonly name: string; readonly summary: string; readonly changes: 0 | 1 }

export type Privilege = {
  readonly acl: string
  readonly label: string
  /** `Section/Part`. */
  readonly group: string
  readonly description: string
  readonly danger: 'escalates' | 'elevated' | 'none'
  readonly warning: string | null
  readonly may_give: 0 | 1
  readonly functions: readonly OpenedFunction[]
  /** Functions of WHM that are not served here. */
  readonly other_functions: readonly string[]
}

export const privilegesQuery = queryOptions({
  queryKey: ['postern_privilege_list'],
  queryFn: async () =>
    (await callFunction<{ readonly privileges: readonly Privilege[] }>('postern_privilege_list')).data.privileges,
  staleTime: Number.POSITIVE_INFINITY,
})

/** All of them, in the order of WHM's page; `may_give` marks those that the reader may put on a token. */
export function usePrivileges(): readonly Privilege[] {
  return useSuspenseQuery(privilegesQuery).data
}

/** Says whether the privilege answers to every word that was typed: its name, what it opens, or how people call that. */
export function answersTo(privilege: Privilege, query: string, plainWords: string): boolean {
  const asked = query.toLowerCase().split(/\s+/).filter(Boolean)
  const text = [
    privilege.acl,
    privilege.label,
    privilege.group,
    privilege.description,
    plainWords,
    ...privilege.functions.map(({ name }) => name),
    ...privilege.other_functions,
  ]
    .join(' ')
    .toLowerCase()
  return asked.every((word) => text.includes(word))
}
