/** Maildir folders in the homes of accounts: made with the mailbox, moved with its domain, put away when it is removed. */
import { lstat, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { MailAddress } from '../mail/mail.ts'
import { ignoring, makeFolders, partsOf } from './inner-folders.ts'

/** For the owner alone: mail is read by the mail server, which becomes that user. */
const MAILDIR_MODE = 0o700
const MAILDIR = ['cur', 'new', 'tmp'] as const
/** Where the mail of removed mailboxes lies, beside the folders of domains; no domain begins with a dot. */
const REMOVED = '.removed'

/** Makes what is missing of it. Gives what takes back the folders that were made here, as long as they are empty. `home` is a path. */
export async function makeMaildir(home: string, inside: string): Promise<() => Promise<void>> {
  const undo: (() => Promise<void>)[] = []
  const takeBack = async (): Promise<void> => {
    for (const step of undo.toReversed()) await step()
  }
  try {
    for (const part of MAILDIR) undo.push(await makeFolders(home, partsOf(`${inside}/${part}`), MAILDIR_MODE))
    return takeBack
  } catch (error) {
    await takeBack()
    throw error
  }
}

/**
 * The folder of a domain gets the name of the new one; with nothing there, it was done before. `home` is a path. Where the customer put
 * something else in the place of a folder, there is no mail of ours, and nothing to be done.
 */
export async function moveMail(home: string, from: string, to: string): Promise<void> {
  const mail = join(home, 'mail')
  const [source, target] = [join(mail, nameOfFolder(from)), join(mail, nameOfFolder(to))]
  if (!(await isFolder(mail)) || !(await isFolder(source))) return
  if (await isThere(target))
    await rename(target, join(await placeForRemoved(home), `${nameOfFolder(to).slice(0, 200)}-${Date.now()}`))
  await rename(source, target)
}

/** The folder of a mailbox goes to where removed mail lies, as `name`. As `moveMail`. */
export async function putMailAway(home: string, { domain, localPart }: MailAddress, name: string): Promise<void> {
  const inDomain = join(home, 'mail', nameOfFolder(domain))
  if (!(await isFolder(join(home, 'mail'))) || !(await isFolder(inDomain))) return
  const place = await placeForRemoved(home)
  await rename(join(inDomain, ...partsOf(localPart)), join(place, ...partsOf(name))).catch(ignoring('ENOENT'))
}

async function placeForRemoved(home: string): Promise<string> {
  const place = join(home, 'mail', REMOVED)
  if ((await isThere(place)) && !(await isFolder(place))) await rename(place, `${place}-${Date.now()}`)
  await makeFolders(home, ['mail', REMOVED], MAILDIR_MODE)
  return place
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(ignoring('ENOENT'))) !== undefined
}

/** A link is none. */
async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(ignoring('ENOENT')))?.isDirectory() === true
}

/** Domains were checked where they were read; a name that leads elsewhere is a bug. */
function nameOfFolder(domain: string): string {
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(domain)) throw new Error('this is no domain')
  return domain
}
