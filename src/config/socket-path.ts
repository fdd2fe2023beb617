/**
 * The path of the local socket. The system takes at most 107 bytes for it, fewer than a data folder's path may have; a longer one
 * is reached through an open file descriptor of the folder, so that a deep data folder works like any other.
 */
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from './problem.ts'

const PATH_MAX_BYTES = 100

export type SocketPath = {
  /** For `connect` and `listen`. */
  readonly path: string
  /** Only after the connection is made, or the listener is closed: the path may hang on an open descriptor. */
  close(): void
}

/** Throws a Problem if the path is too long and this system has no /proc. */
export function openSocketPath(dataFolder: string): SocketPath {
  const path = join(dataFolder, 'postern.sock')
  if (Buffer.byteLength(path) <= PATH_MAX_BYTES) return { path, close: () => {} }
  if (process.platform !== 'linux') {
    throw new Problem(`the path ${path} is too long for a socket`, 'choose a data folder with a shorter path')
  }
  const folder = openSync(dataFolder, constants.O_RDONLY | constants.O_DIRECTORY)
  return { path: `/proc/self/fd/${folder}/postern.sock`, close: () => closeSync(folder) }
}
