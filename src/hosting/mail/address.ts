/**
 * Which mail addresses are taken. They become names of folders, lines of a password file and entries of maps, so that only what is
 * certain to stay one word in each of them is taken: RFC 5321's unquoted form, and of that what WHM gives out. No I/O.
 */
import { parseDomain } from '../../accounts/domains.ts'
import { Failure } from '../../failures.ts'
import type { MailAddress } from './mail.ts'

/** RFC 5321, 4.5.3.1.1. */
const LOCAL_PART_MAX = 64
/** RFC 5321, 4.5.3.1.3, without the brackets. */
const ADDRESS_MAX = 254

/** A file has the domain's name, and while it is written a longer one; names have at most 255 bytes. */
const OWN_DOMAIN_MAX = 230

const OWN = /^[a-z0-9_]+(?:(?:[+-]+|\.)[a-z0-9_]+)*$/
const ANY = /^[A-Za-z0-9_!#$%&'*+=?^{}~-]+(?:\.[A-Za-z0-9_!#$%&'*+=?^{}~-]+)*$/

/** WHM Email::add_pop: `cpanel` cannot be the name of a mailbox (documented). */
const RESERVED = new Set(['cpanel'])

/**
 * An address on this server: a local part or a whole address, in lower case. Of the domains `given` is the one that stands beside it, and
 * `main` the one that is meant where none is named. Throws `argument-invalid` for what is none, `arguments-disagree` for an address of
 * another domain than the one given.
 */
export function parseOwnAddress(
  text: string,
  { given, main }: { readonly given: string | undefined; readonly main: string },
  argument = 'email',
): MailAddress {
  const at = text.lastIndexOf('@')
  const localPart = (at === -1 ? text : text.slice(0, at)).toLowerCase()
  const own = at === -1 ? undefined : parseDomain(text.slice(at + 1), argument)
  const refuse = (problem: string): never => {
    throw new Failure('argument-invalid', { argument, value: text, problem })
  }
  if (localPart.length > LOCAL_PART_MAX) refuse(`has more than ${LOCAL_PART_MAX} characters before the “@”`)
  if (!OWN.test(localPart))
    refuse('may hold only letters, digits, “_”, and between them “.”, “+” and “-”, and no two dots together')
  if (RESERVED.has(localPart)) refuse('is a reserved name')
  if (own !== undefined && given !== undefined && own !== given)
    throw new Failure('arguments-disagree', { problem: `“${argument}” is not an address of “${given}”` })
  const address = { localPart, domain: own ?? given ?? main }
  if (isTooLong(address)) refuse('is too long for an address')
  return address
}

/** For an address on this server. */
export function isTooLong({ localPart, domain }: MailAddress): boolean {
  return localPart.length + 1 + domain.length > ADDRESS_MAX || domain.length > OWN_DOMAIN_MAX
}

/** An address anywhere, with its domain in the kept form. Throws `argument-invalid`. */
export function parseAnyAddress(text: string, argument: string): string {
  const at = text.lastIndexOf('@')
  const localPart = text.slice(0, at)
  if (at < 1 || localPart.length > LOCAL_PART_MAX || text.length > ADDRESS_MAX || !ANY.test(localPart))
    throw new Failure('argument-invalid', {
      argument,
      value: text,
      problem: 'is not a mail address that is taken here',
    })
  return `${localPart}@${parseDomain(text.slice(at + 1), argument)}`
}
