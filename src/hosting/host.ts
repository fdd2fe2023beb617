/**
 * What a machine must be able to do for an account. Functions change the desired state in the database; a host carries it out.
 * Each operation may be repeated safely: after a crash whatever was committed is asked for once more.
 */

/** Work on the folder of an account. */
export type HomeTask =
  | { readonly kind: 'rename-home'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove-home'; readonly home: string }
  /** A domain of the account has a new name. */
  | { readonly kind: 'move-mail'; readonly home: string; readonly from: string; readonly to: string }
  /** A mailbox was removed; its mail stays in the account's folder, out of the way, under the name `as`. */
  | {
      readonly kind: 'put-mail-away'
      readonly home: string
      readonly domain: string
      readonly localPart: string
      readonly as: string
    }

/** Work that belongs to a committed change. Beside that on homes it says only what is to be made anew from what the database holds by then. */
export type HostTask =
  | HomeTask
  | { readonly kind: 'write-certificate'; readonly site: string }
  /** The password files of these domains, and the maps of all. */
  | { readonly kind: 'write-mail'; readonly domains: readonly string[] }
  | { readonly kind: 'write-zone'; readonly zone: string }
  | MysqlTask

/** Brings a database, or a user, of the database server in line with what is wanted of it by then. */
export type MysqlTask = { readonly kind: 'mysql-database' | 'mysql-user'; readonly name: string }

/** Says whether the task is one for the database server. */
export function isMysqlTask(task: HostTask): task is MysqlTask {
  return task.kind === 'mysql-database' || task.kind === 'mysql-user'
}

/** The folders that the task is about, by the names of their homes. */
export function homesIn(task: HostTask): readonly string[] {
  switch (task.kind) {
    case 'rename-home':
      return [task.from, task.to]
    case 'remove-home':
    case 'move-mail':
    case 'put-mail-away':
      return [task.home]
    default:
      return []
  }
}

export type DiskUsage = { readonly bytes: number; readonly files: number }

/** A disk of the machine, with what every user (`free`) and an ordinary one (`available`) may still write. */
export type Disk = {
  readonly device: string
  readonly mount: string
  readonly filesystem: string
  readonly totalBytes: number
  readonly freeBytes: number
  readonly availableBytes: number
  readonly files: number
  readonly freeFiles: number
}

/** An archive of an account, by the name of its folder. */
export type Archive = { readonly date: string; readonly home: string; readonly path: string }

export type Host = {
  /** Where archives of accounts lie. */
  readonly archiveFolder: string
  /**
   * Writes an archive of the account's folder and the record, in place of the one of that day (`YYYY-MM-DD`). It appears when it is whole.
   * Gives its path. Throws `archive-too-large` when the disk has no room for it.
   */
  writeArchive(home: string, date: string, record: string): Promise<string>
  /** By date and name. */
  listArchives(): Promise<readonly Archive[]>
  disks(): Promise<readonly Disk[]>
  /** Makes the account's folder with its skeleton. Throws `host-failed`; then nothing is left behind. */
  createHome(home: string): Promise<void>
  /** Takes back a `createHome` whose change was not committed. */
  undoCreateHome(home: string): Promise<void>
  /** The account's folder, or a path inside it, as the machine names it. */
  pathOf(home: string, inside?: string): string
  /**
   * Makes a folder inside the account's, with those above it that are missing; links on the way are refused. Throws `host-failed`; then
   * nothing is left behind. Gives what takes back the folders that were made here, as long as they are empty.
   */
  makeFolder(home: string, inside: string): Promise<() => Promise<void>>
  /** Makes the Maildir of a mailbox, a path inside the account's folder, in the same way. */
  makeMailbox(home: string, inside: string): Promise<() => Promise<void>>
  /** What these paths inside the folders of accounts hold, in their order; at most a minute old. */
  mailUsages(folders: readonly { readonly home: string; readonly inside: string }[]): Promise<readonly DiskUsage[]>
  /**
   * Shows `value` to an authority of certificates among the pages in that folder of the account; links on the way are refused. Throws
   * `host-failed`. Gives what takes it away.
   */
  answerChallenge(home: string, documentRoot: string, token: string, value: string): Promise<() => Promise<void>>
  /** Does nothing when it was done before. */
  carryOut(task: HomeTask): Promise<void>
  /** What the folder holds; at most a minute old. */
  diskUsage(home: string): Promise<DiskUsage>
  /** The same for several folders, in their order; with `anew` measured now. */
  diskUsages(homes: readonly string[], anew?: 'anew'): Promise<readonly DiskUsage[]>
  /** What was measured last, however long ago; undefined for a folder that was not measured yet. */
  lastUsages(homes: readonly string[]): readonly (DiskUsage | undefined)[]
  /** Figures of earlier runs, for `lastUsages`. */
  rememberUsages(usages: ReadonlyMap<string, DiskUsage>): void
  /**
   * At the start: makes what the database has and the machine has not, and puts aside what belongs to no account. `busy` are homes on which
   * earlier work waits; they are left as they are.
   */
  reconcile(
    homes: readonly string[],
    busy?: ReadonlySet<string>,
  ): Promise<{ readonly made: readonly string[]; readonly putAside: readonly string[] }>
}

/** Tasks that wait until they succeeded; written in the transaction of the change they belong to. */
export type HostTaskStore = {
  add(task: HostTask, at: Date): Promise<number>
  list(): Promise<readonly { readonly id: number; readonly task: HostTask }[]>
  remove(id: number): Promise<void>
}
