/** The domains of an account besides its main one, which stands with the account itself. No I/O. */

export type DomainType = 'sub_domain' | 'addon_domain' | 'parked_domain'

export type Domain = {
  readonly name: string
  readonly userId: number
  readonly type: DomainType
  /** The domain that a subdomain lies below; for the others the account's main domain. */
  readonly parent: string
  /** Where its pages lie: a path inside the account's folder, without a leading slash. */
  readonly documentRoot: string
}

/** Where further domains are kept. But for `hasOthersBelow`, none finds a main domain. */
export type DomainStore = {
  find(name: string): Promise<Domain | undefined>
  /** In order of their names. */
  listOf(userId: number): Promise<readonly Domain[]>
  /** Undefined `ownerId` lists those of every account, else those of the accounts that this user owns. */
  listOwned(ownerId: number | undefined): Promise<readonly Domain[]>
  countOf(userId: number, type: DomainType): Promise<number>
  /**
   * Says whether a domain, a main one or a further one, or a zone lies below this name that is neither the user's nor of an account that they own.
   * What is root's alone is somebody else's.
   */
  hasOthersBelow(name: string, userId: number): Promise<boolean>
  insert(domain: Domain, at: Date): Promise<void>
  rename(name: string, to: string, parent: string): Promise<void>
  removeAllOf(userId: number): Promise<void>
}
