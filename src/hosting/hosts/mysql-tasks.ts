/** What a task of the database server asks for, from what is wanted at that moment. */
import { openSecret, type PepperSet } from '../../accounts/sealed-secret.ts'
import { Failure } from '../../failures.ts'
import type { MysqlTask } from '../host.ts'
import type { MysqlServer, MysqlStore } from '../mysql.ts'

export type MysqlTaskParts = {
  /** Undefined: none is configured, and every task waits until one is. */
  readonly server: MysqlServer | undefined
  /** On committed state. */
  readonly store: Pick<MysqlStore, 'findDatabase' | 'wantedUser'>
  readonly peppers: PepperSet
  /** Called when the server has a password, which then is kept nowhere else. */
  forgetPassword(user: string, sealedHash: string): Promise<void>
}

/** May be repeated, late and in any order. */
export async function carryOutMysqlTask(
  { server, store, peppers, forgetPassword }: MysqlTaskParts,
  task: MysqlTask,
): Promise<void> {
  const { kind, name } = task
  if (server === undefined) throw new Failure('mysql-not-configured')
  if (kind === 'mysql-database') {
    await server.bringDatabase(name, async () => (await store.findDatabase(name))?.name === name)
    return
  }
  let sealed: string | undefined
  await server.bringUser(name, async () => {
    const wanted = await store.wantedUser(name)
    if (wanted === undefined) return undefined
    const { sealedHash, userId, ...rest } = wanted
    sealed = sealedHash
    return { ...rest, passwordHash: sealedHash && openSecret(sealedHash, userId, peppers, 'database password') }
  })
  if (sealed !== undefined) await forgetPassword(name, sealed)
}
