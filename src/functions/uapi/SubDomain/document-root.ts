/**
 * Where the pages of a domain may lie. The text comes from a caller and becomes part of a path, so that only what is certain to stay
 * inside the account's folder is taken. No I/O; links on the way are the host's to refuse.
 */
import { Failure } from '../../../failures.ts'

const PART = /^[A-Za-z0-9_@][A-Za-z0-9_.@+-]*$/
const MAX_PARTS = 10
const MAX_PART_LENGTH = 255

/** Folders that hold something other than pages. */
const NOT_FOR_PAGES = new Set(['etc', 'logs', 'mail', 'ssl', 'tmp'])

/** The path inside the account's folder, without a slash in front. Throws `argument-invalid`. */
export function documentRootOf(dir: string | undefined, domain: string): string {
  if (dir === undefined || dir.trim() === '') return domain
  const refuse = (problem: string): never => {
    throw new Failure('argument-invalid', { argument: 'dir', value: dir, problem })
  }
  // Clients write it with a slash in front, or at the end, and mean the same.
  const parts = dir.split('/').filter((part) => part !== '')
  if (parts.length === 0 || parts.length > MAX_PARTS) return refuse(`is no path of at most ${MAX_PARTS} folders`)
  if (!parts.every((part) => part.length <= MAX_PART_LENGTH && PART.test(part)))
    return refuse('holds something that no folder of pages is called')
  if (NOT_FOR_PAGES.has(parts[0] ?? '')) return refuse('is a folder that holds other things')
  return parts.join('/')
}
