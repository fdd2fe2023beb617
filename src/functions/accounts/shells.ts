/** Which login shell an account gets. A real one needs the privilege allow-shell. */
import { type Caller, holds } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'

const SHELL = '/bin/bash'

/** For accounts that cannot log in. */
export const NO_SHELL = '/usr/sbin/nologin'

/** In the system's folders only: a program of that name in an account's own folder could do anything. */
const REFUSING = /^\/(?:usr\/(?:local\/cpanel\/)?)?s?bin\/(?:nologin|noshell|false)$/

/** The shell that goes with a package. */
export function shellOf(hasShell: boolean): string {
  return hasShell ? SHELL : NO_SHELL
}

type ShellWish = { readonly hasShell: boolean | undefined; readonly shell?: string | undefined }

/** Panels send `shell` as a path or as a switch (observed); a switch there means HASSHELL, and an empty text nothing. */
export function shellWishOf(hasShell: boolean | undefined, shell: string | undefined): ShellWish {
  if (shell === undefined || shell === '') return { hasShell }
  if (shell.startsWith('/')) return { hasShell, shell }
  const isWanted = shell === '1' || shell === 'y'
  if (hasShell !== undefined && hasShell !== isWanted)
    throw new Failure('arguments-disagree', { problem: '“HASSHELL” and “shell” differ' })
  return { hasShell: isWanted }
}

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
