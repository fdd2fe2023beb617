/** A small disk that a test can fill: a tmpfs where this process may mount one. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Disk = {
  /** The mount point is `data` in it. */
  readonly base: string
  readonly data: string
  /** Takes all that is left. */
  fill(): void
  free(): void
  remount(mode: 'ro' | 'rw'): void
  remove(): void
}

/** Undefined where nothing may be mounted. */
export function mountDisk(size: string): Disk | undefined {
  const base = mkdtempSync(join(tmpdir(), 'postern-test-'))
  const data = join(base, 'data')
  mkdirSync(data, { mode: 0o700 })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'none', data], { stdio: 'ignore' })
  } catch {
    rmSync(base, { recursive: true })
    return undefined
  }
  const filler = join(data, 'filler')
  return {
    base,
    data,
    fill: () => {
      try {
        execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096', 'oflag=append', 'conv=notrunc'], {
          stdio: 'ignore',
        })
      } catch {
        // dd ends with an error when nothing more fits, which is what we want.
      }
    },
    free: () => rmSync(filler, { force: true }),
    remount: (mode) => void execFileSync('mount', ['-o', `remount,${mode}`, data]),
    remove: () => {
      execFileSync('umount', ['-l', data])
      rmSync(base, { recursive: true, force: true })
    },
  }
}
