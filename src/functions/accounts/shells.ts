/** Which login shell an account gets. A real one needs the privilege allow-shell. */
import { type Caller, holds } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'

const SHELL = '/bin/bash'

/** For accounts that cannot log in. */
export const NO_SHELL = '/usr/sbin/nologin'

const REFUSING = /\/(?:nologin|noshell|false)$/

type ShellWish = { readonly hasShell: boolean | undefined; readonly shell?: string | undefined }

/** The shell asked for, or undefined when none was. Throws `privilege-not-held` for a real one, unless it was there `before`. */
export function shellToGive(caller: Caller, { hasShell, shell }: ShellWish, before: string): string | undefined {
  if (shell === undefined && hasShell === undefined) return undefined
  if (hasShell === false && shell !== undefined && !REFUSING.test(shell))
    throw new Failure('arguments-disagree', { problem: '“HASSHELL” is 0 and “shell” is a shell' })
  const wanted = shell ?? (hasShell ? SHELL : NO_SHELL)
  if (wanted !== before && !REFUSING.test(wanted) && !holds(caller, 'allow-shell'))
    throw new Failure('privilege-not-held', { acl: 'allow-shell' })
  return wanted
}
