/** The database server of the accounts, as the settings name it, and how tasks for it are carried out. */
import { createHmac, hkdfSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Settings } from '../config/schema.ts'
import type { MysqlTask } from '../hosting/host.ts'
import { makeMariadb } from '../hosting/hosts/mariadb.ts'
import { carryOutMysqlTask } from '../hosting/hosts/mysql-tasks.ts'
import type { MysqlServer } from '../hosting/mysql.ts'
import { StartRefusal } from '../storage/data-folder.ts'
import type { Storage } from '../storage/database.ts'
import { mysqlStoreOn } from '../storage/mysql-store.ts'
import type { Peppers } from '../tokens/secret.ts'

const THIS_MACHINE = /^(localhost|127(\.\d+){3}|::1)$/

/** Undefined when the settings name none; the peppers are asked for when something is to be changed. Throws `StartRefusal` for settings that disagree, and for a password that cannot be read. */
export async function mysqlServerOf(
  settings: Settings,
  peppers: () => Peppers,
  onTrouble: (error: Error) => void,
): Promise<MysqlServer | undefined> {
  const { mysqlHost, mysqlPort, mysqlSocket, mysqlUser, mysqlPasswordFile, mysqlSecurity, mysqlUserHost } = settings
  if (mysqlHost !== undefined && mysqlSocket !== undefined)
    throw new StartRefusal('Both mysql_host and mysql_socket are set.', 'Leave one of them out.')
  if (mysqlHost === undefined && mysqlSocket === undefined) return undefined
  if (mysqlSocket !== undefined && mysqlSecurity === 'tls')
    throw new StartRefusal('A socket has no TLS.', 'Leave mysql_security out, or name the server with mysql_host.')
  const isThisMachine = mysqlSocket !== undefined || THIS_MACHINE.test(String(mysqlHost))
  const needsTls = (mysqlSecurity ?? (isThisMachine ? 'none' : 'tls')) === 'tls'
  if (needsTls && isIP(String(mysqlHost)) !== 0)
    throw new StartRefusal(
      'A certificate proves a name, and mysql_host is an address.',
      'Name the server by its name, or, on a network that you trust, set mysql_security to none.',
    )
  const password = () => (mysqlPasswordFile === undefined ? Promise.resolve('') : firstLine(mysqlPasswordFile))
  await password().catch((error: NodeJS.ErrnoException) => {
    throw new StartRefusal(
      `${mysqlPasswordFile} cannot be read (${error.code}).`,
      'Correct mysql_password_file, or the rights of the file.',
    )
  })
  return makeMariadb({
    // Which of the two is set was looked at above.
    at: mysqlSocket === undefined ? { host: String(mysqlHost), port: mysqlPort } : { socket: mysqlSocket },
    user: mysqlUser,
    password,
    needsTls,
    userHost: mysqlUserHost,
    userConnections: settings.mysqlUserConnections,
    lockName: (name) => lockNameOf(name, peppers()),
    onTrouble,
  })
}

/** Has the length that MariaDB takes at most. */
function lockNameOf(name: string, { current, peppers }: Peppers): string {
  const pepper = peppers.get(current)
  if (pepper === undefined) throw new Error(`there is no pepper of version ${current}`)
  const key = Buffer.from(hkdfSync('sha256', pepper, '', 'postern database lock', 32))
  return createHmac('sha256', key).update(name).digest('hex')
}

async function firstLine(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).split('\n', 1)[0]?.trim() ?? ''
}

/** How a task for the database server is carried out, by what is committed at that moment. */
export function mysqlTasksOf(
  server: MysqlServer | undefined,
  storage: Storage,
  peppers: Peppers,
): (task: MysqlTask) => Promise<void> {
  const parts = {
    server,
    store: mysqlStoreOn(storage.read),
    peppers,
    forgetPassword: (user: string, sealedHash: string) =>
      storage.writeUsage((trx) => mysqlStoreOn(trx).forgetPassword(user, sealedHash)),
  }
  return (task) => carryOutMysqlTask(parts, task)
}
