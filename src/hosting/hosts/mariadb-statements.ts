/**
 * The statements that bring a database or a user of MariaDB in line with what is wanted. Each piece looks at what the server has and
 * changes the difference, so that it may be repeated after a crash at any point, and does nothing where nothing differs.
 */
import { MYSQL_PRIVILEGES, type MysqlPrivilege, patternOf, type WantedMysqlUser } from '../mysql.ts'

type Row = Readonly<Record<string, unknown>>

/** With `values` the statement is prepared and they are bound. */
export type Run = (sql: string, values?: readonly (string | number)[]) => Promise<readonly Row[]>

/** Makes an identifier, or a text, of what may hold anything. */
export type Quote = { id(name: string): string; value(text: string): string }

type Session = { readonly run: Run; readonly quote: Quote }

/** Makes the database, or drops it with the grants on it, which MariaDB would keep for the next one of that name. */
export async function bringDatabase({ run, quote }: Session, name: string, isWanted: boolean): Promise<void> {
  if (isWanted) {
    await run(`CREATE DATABASE IF NOT EXISTS ${quote.id(name)}`)
    return
  }
  await run(`DROP DATABASE IF EXISTS ${quote.id(name)}`)
  for (const pattern of new Set([patternOf(name), name])) {
    const holders = await run('SELECT User AS user, Host AS host FROM mysql.db WHERE Db = ?', [pattern])
    for (const { user, host } of holders)
      await run(`REVOKE ALL PRIVILEGES ON ${quote.id(pattern)}.* FROM ${account(quote, user, host)}`)
  }
}

/** A user that was made before the setting named another host is found under the host that it has. */
export async function bringUser(
  { run, quote }: Session,
  name: string,
  wanted: WantedMysqlUser | undefined,
  { userHost, userConnections }: { readonly userHost: string; readonly userConnections: number },
): Promise<void> {
  const hosts = (await run('SELECT Host AS host FROM mysql.user WHERE User = ?', [name])).map(({ host }) =>
    String(host),
  )
  if (wanted === undefined) {
    for (const host of hosts) await run(`DROP USER IF EXISTS ${account(quote, name, host)}`)
    await run(`KILL USER ${quote.value(name)}`)
    return
  }
  const { passwordHash, isLocked } = wanted
  // One that the server lost is made again when its password is set, and until then there is nothing to change.
  if (hosts.length === 0 && passwordHash === undefined) return
  const options = `WITH MAX_USER_CONNECTIONS ${userConnections} ACCOUNT ${isLocked ? 'LOCK' : 'UNLOCK'}`
  const password =
    passwordHash === undefined ? '' : ` IDENTIFIED VIA mysql_native_password USING ${quote.value(passwordHash)}`
  if (hosts.length === 0) await run(`CREATE USER ${account(quote, name, userHost)}${password} ${options}`)
  for (const host of hosts) await run(`ALTER USER ${account(quote, name, host)}${password} ${options}`)
  for (const host of hosts.length === 0 ? [userHost] : hosts) await bringGrants({ run, quote }, name, host, wanted)
  if (isLocked) await run(`KILL USER ${quote.value(name)}`)
}

async function bringGrants(
  { run, quote }: Session,
  name: string,
  host: string,
  { grants }: WantedMysqlUser,
): Promise<void> {
  const wanted = new Map(grants.map(({ database, privileges }) => [patternOf(database), privileges]))
  const rows = await run('SELECT * FROM mysql.db WHERE User = ? AND Host = ?', [name, host])
  const given = new Map(rows.map((row) => [String(row.Db), privilegesIn(row)]))
  const to = account(quote, name, host)
  // What is taken away goes first.
  for (const [pattern, has] of given) {
    const surplus = has.filter((privilege) => !wanted.get(pattern)?.includes(privilege))
    const on = `ON ${quote.id(pattern)}.* FROM ${to}`
    if (!wanted.has(pattern)) await run(`REVOKE ALL PRIVILEGES ${on}`)
    else if (surplus.length > 0) await run(`REVOKE ${surplus.join(', ')} ${on}`)
  }
  for (const [pattern, privileges] of wanted) {
    const missing = privileges.filter((privilege) => !given.get(pattern)?.includes(privilege))
    if (missing.length > 0) await run(`GRANT ${missing.join(', ')} ON ${quote.id(pattern)}.* TO ${to}`)
  }
}

/** How the table of grants calls them, where it is not the privilege's own name. */
const COLUMNS: Partial<Record<MysqlPrivilege, string>> = { 'CREATE TEMPORARY TABLES': 'Create_tmp_table' }

function privilegesIn(row: Row): readonly MysqlPrivilege[] {
  const byColumn = new Map(Object.entries(row).map(([column, value]) => [column.toLowerCase(), value]))
  return MYSQL_PRIVILEGES.filter((privilege) => {
    const column = COLUMNS[privilege] ?? privilege.replaceAll(' ', '_')
    return byColumn.get(`${column}_priv`.toLowerCase()) === 'Y'
  })
}

function account(quote: Quote, user: unknown, host: unknown): string {
  return `${quote.value(String(user))}@${quote.value(String(host))}`
}
