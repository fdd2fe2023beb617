/**
 * Which of the arguments sent belong to a declared parameter. WHM takes several values as a repeated name, as `name-0`, `name-1` …
 * (documented), and as a bare name followed by `name-1` (documented, observed); all may be mixed, in any order and with gaps. What
 * only resembles a parameter that limits a token (`acl[]`, `whitelist_ips`) is found here too, because ignoring it, as unknown
 * arguments are, would give the token more than its maker meant.
 */
import { Failure } from '../failures.ts'
import type { Arguments } from './arguments.ts'

/** The one value of a parameter, or undefined when it was not sent. Equal values collapse, different ones are refused. */
export function findSingle(args: Arguments, name: string, aliases: readonly string[]): string | undefined {
  let found = singleOf(args, name, name)
  for (const alias of aliases) {
    const value = singleOf(args, name, alias)
    if (found !== undefined && value !== undefined && value !== found) {
      throw new Failure('arguments-disagree', { problem: `“${name}” and “${alias}” differ` })
    }
    found ??= value
  }
  return found
}

function singleOf(args: Arguments, name: string, sentAs: string): string | undefined {
  refuseUnreadable(args, name, sentAs)
  const values = args.values.get(sentAs)
  if (values === undefined) return undefined
  if (values.some((value) => value !== values[0])) throw new Failure('argument-repeated', { argument: sentAs })
  return values[0]
}

/** All values of a multi-value parameter: those of the bare name first, then by index. */
export function findMany(args: Arguments, name: string, isGuarded: boolean): readonly string[] {
  for (const sentAs of args.unreadable.keys()) {
    if (indexIn(name, sentAs, isGuarded) !== undefined) refuseUnreadable(args, name, sentAs)
  }
  const found: { readonly index: number; readonly values: readonly string[] }[] = []
  for (const [sentAs, values] of args.values) {
    const index = indexIn(name, sentAs, isGuarded)
    if (index !== undefined) found.push({ index, values })
  }
  return found.sort((a, b) => a.index - b.index).flatMap((entry) => entry.values)
}

const INDEX = /^(0|[1-9][0-9]{0,8})$/

/**
 * The place of `sentAs` among the spellings of `name`: -1 for the bare name, N for `name-N`, undefined when it is none. A guarded
 * name is also taken with `-` for `_`, since WHM's own sample writes `whitelist-ip-3` (documented) and means `whitelist_ip-3`.
 */
export function indexIn(name: string, sentAs: string, isGuarded: boolean): number | undefined {
  const index = indexOfSpelling(name, sentAs)
  return index === undefined && isGuarded ? indexOfSpelling(name.replaceAll('_', '-'), sentAs) : index
}

function indexOfSpelling(spelling: string, sentAs: string): number | undefined {
  if (!sentAs.startsWith(spelling)) return undefined
  if (sentAs.length === spelling.length) return -1
  if (sentAs[spelling.length] !== '-') return undefined
  const index = sentAs.slice(spelling.length + 1)
  return INDEX.test(index) ? Number(index) : undefined
}

/** What people and programs call these arguments, where it does not begin as WHM's name does. */
const OTHER_WORDS: Readonly<Record<string, RegExp>> = {
  acl: /^(privilege|permission)/,
  expires_at: /^expir/,
  whitelist_ip: /whitelist|allowlist|^iprule/,
}

/** Says whether an argument that nobody declares could be meant as the guarded parameter `name`: `ACL`, `acl[]`, `ip_whitelist`, `expiry`. */
export function looksLike(name: string, sentAs: string): boolean {
  const prefix = name.split('_', 1)[0] ?? name
  const plain = sentAs
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
  return plain.startsWith(prefix) || OTHER_WORDS[name]?.test(plain) === true
}

/** Throws when the value sent is of a JSON kind that no argument takes. */
export function refuseUnreadable(args: Arguments, name: string, sentAs: string): void {
  const value = args.unreadable.get(sentAs)
  if (value === undefined) return
  throw new Failure('argument-invalid', { argument: name, value, problem: 'is nothing that an argument can be' })
}
