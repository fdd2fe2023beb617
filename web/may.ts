/** What the reader may call, for what a page offers; the server decides anew for each call. */
import { useWhoami } from './queries.ts'

/** Says for a privilege whether the reader holds it. */
export function useMay(): (acl: string) => boolean {
  const { privileges } = useWhoami()
  return (acl) => privileges.includes('all') || privileges.includes(acl)
}
