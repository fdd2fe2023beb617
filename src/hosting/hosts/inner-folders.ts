/** Folders inside the home of an account, whose customer may have put links anywhere: none is followed. */
import { chmod, lstat, mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'

const MODE = 0o750

/** The parts of a path inside a home. What could lead out of it never comes here: it is refused where it is read. */
export function partsOf(inside: string): readonly string[] {
  const parts = inside === '' ? [] : inside.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0')))
    throw new Error('this is no path inside a home')
  return parts
}

/** Makes what is missing of the path. Gives what takes back the folders that were made here, as long as they are empty. */
export async function makeFolders(home: string, parts: readonly string[], mode = MODE): Promise<() => Promise<void>> {
  const made: string[] = []
  const undo = async (): Promise<void> => {
    for (const path of made.toReversed()) await rmdir(path).catch(() => undefined)
  }
  let path = home
  try {
    await assertFolder(path)
    for (const part of parts) {
      path = join(path, part)
      const isNew = await mkdir(path, { mode }).then(() => true, ignoring('EEXIST'))
      if (isNew) made.push(path)
      if (isNew) await chmod(path, mode)
      await assertFolder(path)
    }
    return undo
  } catch (error) {
    await undo()
    throw error
  }
}

/** A link belongs to the customer and may lead anywhere, so that it is none. */
async function assertFolder(path: string): Promise<void> {
  if ((await lstat(path)).isDirectory()) return
  throw Object.assign(new Error('a link or a file is in the place of a folder'), { code: 'ENOTDIR' })
}

/** For `catch`: undefined for that error of the file system. */
export function ignoring(code: string): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === code) return undefined
    throw error
  }
}
