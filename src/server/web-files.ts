/** The built pages on disk. They are looked at anew for each page, so that a build that ends while the server runs is served at once. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export type WebFiles = {
  /** Waits for a build that is under way. */
  readonly isBuilt: () => Promise<boolean>
  /** The HTML of the page at this path below `/cpsess…`, with the nonce for its styles; undefined where there is no such page. */
  page(path: string, nonce: string): Promise<string | undefined>
  /** Holds scripts, styles and pictures, their names with a hash of what they hold. */
  readonly assets: string
}

/** What the build writes where a nonce belongs. */
const NONCE_PLACE = /POSTERN-STYLE-NONCE/g

/** `building` settles when a build that was under way has ended, well or not. */
export function openWebFiles(folder: string, building: Promise<unknown>): WebFiles {
  const read = async (name: string): Promise<string | undefined> => {
    await building
    return readFile(join(folder, name), 'utf8').catch(() => undefined)
  }
  return {
    assets: join(folder, 'assets'),
    isBuilt: async () => (await read('paths.json')) !== undefined,
    async page(path, nonce) {
      const paths = JSON.parse((await read('paths.json')) ?? '[]') as readonly string[] // written by our own build
      const html = paths.includes(path) ? await read('index.html') : undefined
      return html?.replace(NONCE_PLACE, nonce)
    },
  }
}
