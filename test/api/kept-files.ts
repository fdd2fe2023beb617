/** What lies in a server's data folder, to look for what must not lie there. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The files that hold one of the texts, whatever kind of file it is. */
export function filesHolding(folder: string, texts: readonly string[]): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => {
      const bytes = readFileSync(path)
      return texts.some((text) => bytes.includes(text))
    })
}
