/**
 * The list of all accounts, kept until something changes. Reading thousands of rows takes longer than all else that a list of accounts
 * needs. On SQLite one process alone writes, and `generation` grows with each of its commits before the change is answered, so that a
 * list is never older than the last answer. On PostgreSQL other nodes write too: there every list is read.
 */
import type { Account, AccountStore } from '../accounts/account.ts'
import type { Storage } from './database.ts'

/** The store, with a list that is read once per state; for committed state alone, never in a transaction. */
export function withKeptList(store: AccountStore, storage: Pick<Storage, 'kind' | 'generation'>): AccountStore {
  if (storage.kind !== 'sqlite') return store
  let kept: { readonly generation: number; readonly all: Promise<readonly Account[]> } | undefined
  const listAll = (): Promise<readonly Account[]> => {
    const { generation } = storage
    if (kept?.generation !== generation) {
      const entry = { generation, all: store.listAccounts(undefined) }
      kept = entry
      entry.all.catch(() => {
        if (kept === entry) kept = undefined
      })
    }
    return kept.all
  }
  return {
    ...store,
    async listAccounts(ownerId) {
      const all = await listAll()
      return ownerId === undefined ? all : all.filter((account) => account.ownerId === ownerId)
    },
  }
}
