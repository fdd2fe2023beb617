/** Argument forms that the account functions share. */
import { parseDomain } from '../../accounts/domains.ts'
import { normaliseUsername } from '../../accounts/usernames.ts'
import { list, type Param, text } from '../../whm/params.ts'

type Named = { readonly doc: string; readonly aliases?: readonly string[] }

/** A user name in lower case, as it is kept: clients that made an account with capitals go on using them (observed). */
export function userName(options: Named): Param<string> {
  return mapped(text({ ...options, min: 1, max: 100 }), normaliseUsername)
}

/** Several of them. */
export function userNames({ doc, max }: { readonly doc: string; readonly max: number }): Param<readonly string[]> {
  return mapped(list(text({ doc, min: 1, max: 100 }), { max }), (names) => [...new Set(names.map(normaliseUsername))])
}

/** A name that an account shall have from now on; empty counts as absent. */
export function newUserName(doc: string): Param<string | undefined> {
  return mapped(text({ doc, max: 100 }), (value) => (value === '' ? undefined : normaliseUsername(value)))
}

/** The name of whoever shall own an account; empty counts as absent. */
export function ownerName(doc: string, aliases: readonly string[] = []): Param<string | undefined> {
  return mapped(shortName({ doc, aliases }), (value) => (value === undefined ? undefined : normaliseUsername(value)))
}

/** A domain in its kept form; an empty value counts as absent, since old panels send every field they know. */
export function domainName(options: Named): Param<string | undefined> {
  return mapped(text({ ...options, max: 1000 }), (value, name) => (value === '' ? undefined : parseDomain(value, name)))
}

/** A password, letter for letter. */
export function password(doc: string): Param<string> {
  return text({ doc, max: 1024, secret: true, aliases: ['pass'] })
}

/** No address, or addresses with commas between them. */
export function contactEmail(options: Named): Param<string> {
  const only = /^(?:[^\s@,]+@[^\s@,]+(?:,[^\s@,]+@[^\s@,]+)*)?$/
  return text({ ...options, max: 254, only, onlyProblem: 'is not an e-mail address' })
}

/** `1` or `0`, and `y` or `n` as old panels send them; empty counts as absent. */
export function switchOf(options: Named): Param<boolean | undefined> {
  const form = text({ ...options, only: /^[01yn]?$/, onlyProblem: 'is none of 1, 0, y, n' })
  return mapped(form, (value) => (value === '' ? undefined : value === '1' || value === 'y'))
}

/** A whole number or `unlimited`; empty counts as absent. */
export function limitOf(options: Named): Param<string | undefined> {
  const only = /^(?:0|[1-9][0-9]{0,8}|unlimited|null)?$/
  const form = text({ ...options, only, onlyProblem: 'is neither a whole number below 1000000000 nor “unlimited”' })
  // WHM addpkg takes the word “null” for no limit (documented).
  return mapped(form, (value) => (value === '' ? undefined : value === 'null' ? 'unlimited' : value))
}

/** A size in mebibytes; 0 and `unlimited` take the limit away (documented). */
export function sizeOf(options: Named): Param<number | 'unlimited' | undefined> {
  return mapped(limitOf(options), (value) => {
    if (value === undefined) return undefined
    return value === '0' || value === 'unlimited' ? 'unlimited' : Number(value)
  })
}

/** One of a few words; empty counts as absent. */
export function oneOf<const T extends string>(doc: string, words: readonly T[]): Param<T | undefined> {
  const form = text({
    doc,
    only: new RegExp(`^(?:${words.join('|')})?$`),
    onlyProblem: `is none of ${words.join(', ')}`,
  })
  return mapped(form, (value) => words.find((word) => word === value))
}

/** A short name of something on the machine, such as a theme or a language; empty counts as absent. */
export function shortName(options: Named): Param<string | undefined> {
  const form = text({ ...options, max: 64, only: /^[A-Za-z0-9_.-]*$/, onlyProblem: 'is no name of that kind' })
  return mapped(form, (value) => (value === '' ? undefined : value))
}

function mapped<A, B>(param: Param<A>, map: (value: A, name: string) => B): Param<B> {
  return { ...param, read: (args, name, nowMs) => map(param.read(args, name, nowMs), name) }
}
