/**
 * Databases of accounts on a MariaDB server: which names they may have, what may be granted on them, who owns what. What is asked for is
 * in the tables of Postern, by name and by account, and the server is brought in line with it. A database belongs to the account in whose
 * row it stands, whatever its name begins with, so that a name that an account had before it was renamed opens nothing. No I/O.
 */
import { createHash } from 'node:crypto'
import { Failure } from '../failures.ts'

/** What may be granted on a database (UAPI set_privileges_on_database, documented). `ALL PRIVILEGES` is all of these. */
export const MYSQL_PRIVILEGES = [
  'ALTER',
  'ALTER ROUTINE',
  'CREATE',
  'CREATE ROUTINE',
  'CREATE TEMPORARY TABLES',
  'CREATE VIEW',
  'DELETE',
  'DROP',
  'EVENT',
  'EXECUTE',
  'INDEX',
  'INSERT',
  'LOCK TABLES',
  'REFERENCES',
  'SELECT',
  'SHOW VIEW',
  'TRIGGER',
  'UPDATE',
] as const

export type MysqlPrivilege = (typeof MYSQL_PRIVILEGES)[number]

/** In the server's table of grants, where a name stands with its underscores escaped. */
export const DATABASE_NAME_MAX = 64
export const USER_NAME_MAX = 32

export type PrefixSize = 8 | 16

/** What the names of an account's databases and users begin with. The first eight letters of a user name are of one account alone. */
export function prefixFor(user: string, size: PrefixSize): string {
  return `${user.slice(0, size)}_`
}

/**
 * Why an account may not have this name; undefined when it may. Letters, digits, `_` and `-` alone: whatever is put together of such a
 * name, nothing in it can end a quotation.
 */
export function problemOfName(name: string, kind: 'database' | 'user', prefix: string): string | undefined {
  if (!name.startsWith(prefix)) return `does not begin with “${prefix}”`
  if (name.length === prefix.length) return `names nothing after “${prefix}”`
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return 'may hold only letters, digits, “_” and “-”'
  const length = kind === 'database' ? patternOf(name).length : name.length
  const max = kind === 'database' ? DATABASE_NAME_MAX : USER_NAME_MAX
  const how = kind === 'database' ? ', where each “_” counts twice' : ''
  return length > max ? `is longer than ${max} characters${how}` : undefined
}

/** The name as a grant holds it: there `_` and `%` stand for anything, and a grant on `a_b` would be one on `axb` too. */
export function patternOf(database: string): string {
  return database.replaceAll(/[\\_%]/g, '\\$&')
}

/** Throws `argument-invalid` for what is none of the list. In the order of the list, each once. */
export function parsePrivileges(text: string): readonly MysqlPrivilege[] {
  const words = text.split(',').map((word) => word.trim().replaceAll(/\s+/g, ' ').toUpperCase())
  if (words.length === 1 && (words[0] === 'ALL PRIVILEGES' || words[0] === 'ALL')) return MYSQL_PRIVILEGES
  const unknown = words.find((word) => !(MYSQL_PRIVILEGES as readonly string[]).includes(word))
  if (unknown !== undefined) {
    const problem = unknown.startsWith('ALL') ? 'stands alone or not at all' : 'is no privilege on a database'
    throw new Failure('argument-invalid', { argument: 'privileges', value: unknown, problem })
  }
  return MYSQL_PRIVILEGES.filter((privilege) => words.includes(privilege))
}

/**
 * What the server keeps of a password under `mysql_native_password`, which every client speaks: so that the password itself is sent to no
 * server and stands in no log of one. It is not salted, so that it must be kept like a password.
 */
export function nativePasswordHash(password: string): string {
  const once = createHash('sha1').update(password, 'utf8').digest()
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`
}

export type MysqlGrant = {
  readonly database: string
  readonly user: string
  /** Never empty. */
  readonly privileges: readonly MysqlPrivilege[]
}

/** A user of the database server as it should be. */
export type WantedMysqlUser = {
  /** As `nativePasswordHash` gives it; undefined once the server has it. */
  readonly passwordHash: string | undefined
  /** An account's users sign in to no database while it is suspended. */
  readonly isLocked: boolean
  readonly grants: readonly Omit<MysqlGrant, 'user'>[]
}

/** Where it is kept what accounts have on the database server. Names are unique without regard to case, over all accounts. */
export type MysqlStore = {
  /** In order. */
  databasesOf(userId: number): Promise<readonly string[]>
  /** In order. */
  usersOf(userId: number): Promise<readonly string[]>
  /** In order of databases and users. */
  grantsOf(userId: number): Promise<readonly MysqlGrant[]>
  /** Whose it is. Case aside. */
  findDatabase(name: string): Promise<{ readonly name: string; readonly userId: number } | undefined>
  findUser(name: string): Promise<{ readonly name: string; readonly userId: number } | undefined>
  /** The user as it is wanted, with what waits for it sealed as `sealSecret` does. */
  wantedUser(
    name: string,
  ): Promise<
    | (Omit<WantedMysqlUser, 'passwordHash'> & { readonly userId: number; readonly sealedHash: string | undefined })
    | undefined
  >
  addDatabase(name: string, userId: number, at: Date): Promise<void>
  addUser(name: string, userId: number, sealedHash: string, at: Date): Promise<void>
  setPassword(user: string, sealedHash: string): Promise<void>
  /** Once the server has it; a newer one stays. */
  forgetPassword(user: string, sealedHash: string): Promise<void>
  /** In the place of what was granted; none takes all away. */
  setGrant(database: string, user: string, privileges: readonly MysqlPrivilege[]): Promise<void>
  /** With what is granted on it. */
  removeDatabase(name: string): Promise<void>
  /** With what it was granted. */
  removeUser(name: string): Promise<void>
  removeAllOf(userId: number): Promise<void>
}

/**
 * A database server. Each operation throws `mysql-unavailable` when the server cannot be reached in time and `mysql-failed` when it
 * refuses. What brings something in line asks for what is wanted under a lock on the server that all nodes share, may be repeated
 * safely, and touches nothing else.
 */
export type MysqlServer = {
  version(): Promise<string>
  hasDatabase(name: string): Promise<boolean>
  hasUser(name: string): Promise<boolean>
  /** Bytes of the tables of each; a database that the server does not have is left out. */
  sizesOf(names: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Makes the database, or drops it with every grant on it. */
  bringDatabase(name: string, isWanted: () => Promise<boolean>): Promise<void>
  /** Makes, changes or drops the user; who is locked or gone is cut off at once. */
  bringUser(name: string, wanted: () => Promise<WantedMysqlUser | undefined>): Promise<void>
  /** Cuts what is under way short; it fails, and is done again later. */
  close(): void
}
