/** Builds the pages where they are missing or older than their source, in a process of its own, while the server already answers calls. */
import { spawn } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** Where the built pages lie. */
export const WEB_FOLDER: string = join(root, 'web/dist')

export type WebBuild = {
  /** True when the pages are there, whether they were built now or before. */
  readonly done: Promise<boolean>
  /** Ends a build that is under way. */
  stop(): void
}

/** Starts a build if one is needed; `say` is told when it begins and how it ended. */
export function buildWebIfStale(say: (line: string) => void): WebBuild {
  if (!isStale()) return { done: Promise.resolve(true), stop: () => {} }
  say('Building the pages …')
  const startedMs = performance.now()
  const child = spawn(process.execPath, [join(root, 'web/build.ts')], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (bytes: Buffer): void => {
    output = (output + bytes.toString()).slice(-4000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const done = new Promise<boolean>((finish) => {
    child.on('error', () => finish(false))
    child.on('close', (code, signal) => {
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
      if (code === 0) say(`The pages are built (${seconds} s)`)
      else if (signal === null) say(`The pages could not be built; calls are answered all the same.\n${output.trim()}`)
      finish(code === 0)
    })
  })
  return { done, stop: () => void child.kill() }
}

/** Missing, or something they are made from is newer. Where only the built pages were installed, nothing can be newer. */
function isStale(): boolean {
  const sources = globSync(['web/**/*.{ts,tsx,css,svg,html}', 'package-lock.json'], {
    cwd: root,
    exclude: (path) => /(^|\/)dist|\.test\.ts$/.test(typeof path === 'string' ? path : ''),
  })
  const builtMs = modifiedMs(join(WEB_FOLDER, 'paths.json'))
  return sources.includes('web/build.ts') && sources.some((source) => modifiedMs(join(root, source)) > builtMs)
}

function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
