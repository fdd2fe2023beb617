/** The first start on an empty data folder: root, with a password that was preset or is made here and shown once. */

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { assertPasswordAllowed } from '../accounts/password-rules.ts'
import type { PasswordHasher } from '../accounts/passwords.ts'
import { BY_MACHINE } from '../audit/entry.ts'
import type { Settings } from '../config/schema.ts'
import { Failure } from '../failures.ts'
import { type DataFolder, StartRefusal } from '../storage/data-folder.ts'
import type { Storage } from '../storage/database.ts'
import { storesOn } from '../storage/stores.ts'

/** Gives the password when it was made here. The marker is written last, so a crash on the way is set up again. */
export async function firstSetUp(
  folder: DataFolder,
  storage: Storage,
  passwords: PasswordHasher,
  settings: Settings,
): Promise<string | undefined> {
  const preset =
    settings.rootPasswordFile === undefined ? undefined : await readPreset(settings.rootPasswordFile, settings.hostname)
  const password = preset ?? randomBytes(18).toString('base64url')
  const hash = await passwords.hash(password)
  const at = new Date()
  await storage.write(async (trx) => {
    const stores = storesOn(trx)
    await stores.accounts.insertRoot(hash, at)
    await stores.audit.append([
      {
        at,
        ...BY_MACHINE,
        function: 'first-set-up',
        target: 'root',
        outcome: 'done',
        reason: 'OK',
        details: { password: preset === undefined ? 'made and shown once' : 'preset' },
      },
    ])
  })
  await folder.finishSetUp(storage)
  return preset === undefined ? password : undefined
}

async function readPreset(path: string, hostname: string): Promise<string> {
  const remedy = 'Put the password of root on the first line of the file, at least 8 characters.'
  let password: string
  try {
    password = (await readFile(path, 'utf8')).split(/\r?\n/, 1)[0] ?? ''
    // Whoever presets it may be a program as well as a person, so the shorter length is asked for.
    await assertPasswordAllowed(password, { user: 'root', hostname, standsAlone: false })
  } catch (error) {
    const why = error instanceof Failure ? error.message : 'It cannot be read.'
    throw new StartRefusal(`The root password file ${path} cannot be used: ${why}`, remedy, { cause: error })
  }
  return password
}
