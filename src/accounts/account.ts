/** Who can sign in and who owns what, and where that is kept, in the words of this folder. */
import type { UserKind } from '../acl/caller.ts'

export type User = {
  readonly id: number
  readonly name: string
  readonly kind: UserKind
  /** PHC string; undefined means that nobody can sign in with a password. */
  readonly passwordHash: string | undefined
  /** What a reseller holds; empty for the others. */
  readonly privileges: readonly string[]
  readonly isSuspended: boolean
  /** Kept out by a freeze, whatever credential but the local socket; never true of root. */
  readonly isFrozen: boolean
}

/** A hosting account. Sizes are mebibytes; undefined means unlimited. */
export type Account = {
  readonly userId: number
  readonly user: string
  readonly isReseller: boolean
  readonly domain: string
  readonly isTemporaryDomain: boolean
  readonly contactEmail: string
  readonly ownerId: number
  readonly owner: string
  readonly plan: string
  readonly ip: string
  readonly theme: string
  readonly shell: string
  readonly locale: string
  /** Name of the folder that the host keeps for it. */
  readonly home: string
  readonly diskLimitMb: number | undefined
  readonly bandwidthLimitMb: number | undefined
  /** WHM's other limits and switches by their WHM name (`MAXPOP`, `HASCGI`, …). */
  readonly limits: Readonly<Record<string, string>>
  readonly uid: number
  readonly createdAt: Date
  readonly suspension: Suspension | undefined
}

export type Suspension = { readonly at: Date; readonly reason: string; readonly isLocked: boolean }

export type NewAccount = Omit<Account, 'userId' | 'owner' | 'isReseller' | 'uid' | 'suspension'> & {
  readonly passwordHash: string
}

/** What can be changed about an account; what is left out stays. */
export type AccountChange = Partial<
  Pick<
    Account,
    | 'user'
    | 'domain'
    | 'isTemporaryDomain'
    | 'contactEmail'
    | 'ownerId'
    | 'plan'
    | 'ip'
    | 'theme'
    | 'shell'
    | 'locale'
    | 'home'
    | 'limits'
  >
> & {
  /** `'unlimited'` takes the limit away. */
  readonly diskLimitMb?: number | 'unlimited'
  readonly bandwidthLimitMb?: number | 'unlimited'
}

/** Where users and accounts are kept. A removed user is not found by any of these. */
export type AccountStore = {
  findUser(name: string): Promise<User | undefined>
  findUserById(id: number): Promise<User | undefined>
  /** Undefined `ownerId` lists all. In order of their names. */
  listAccounts(ownerId: number | undefined): Promise<readonly Account[]>
  findAccount(user: string): Promise<Account | undefined>
  findAccountByDomain(domain: string): Promise<Account | undefined>
  /** The account whose name has the same first eight letters; a shorter name counts as a whole. */
  findAccountByFirstEight(user: string): Promise<Account | undefined>
  /** The first of those that have the address. */
  findAccountByIp(ip: string): Promise<Account | undefined>
  countOnPlan(plan: string): Promise<number>
  /** Of the accounts that name the list; those without one have `default`. */
  countWithFeatureList(list: string): Promise<number>
  countOwned(ownerId: number): Promise<{ readonly active: number; readonly suspended: number }>
  insertRoot(passwordHash: string, at: Date): Promise<void>
  /** Gives the new user's id. */
  insertAccount(account: NewAccount): Promise<number>
  changeAccount(userId: number, change: AccountChange): Promise<void>
  /** Changes every account on the package, each by what is to become of its limits. Gives their number. */
  changeAccountsOnPlan(plan: string, change: (limits: Account['limits']) => AccountChange): Promise<number>
  suspend(userId: number, suspension: Suspension): Promise<void>
  unsuspend(userId: number): Promise<void>
  /** Frees the name and the domain; gives the accounts it owned to `heirId` and says how many those were. */
  removeAccount(userId: number, heirId: number, at: Date): Promise<number>
  setPasswordHash(userId: number, passwordHash: string): Promise<void>
  listResellers(): Promise<readonly User[]>
  /** Undefined privileges take the reseller status away. */
  setReseller(userId: number, privileges: readonly string[] | undefined): Promise<void>
}

/** Saved lists of privileges (WHM, "ACL lists"). */
export type AclListStore = {
  list(): Promise<readonly { readonly name: string; readonly privileges: readonly string[] }[]>
  find(name: string): Promise<readonly string[] | undefined>
  save(name: string, privileges: readonly string[], at: Date): Promise<void>
}
