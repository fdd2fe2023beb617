/**
 * What a caller may put on a token: privileges, expiry and address rules, each held against the caller's own limits. A caller who
 * comes with a token gives no more than that token has itself (our choice; WHM's documents limit by the owner alone). No I/O.
 */

import type { Caller } from '../acl/caller.ts'
import { privilegeNamed } from '../acl/catalogue.ts'
import { grantablePrivileges } from '../acl/privileges.ts'
import { Failure } from '../failures.ts'
import { distinctRules, rulesWithin } from '../ip-rules/match.ts'
import { type IpRule, parseListedRule } from '../ip-rules/rule.ts'
import { isWellFormedSecret } from './secret.ts'
import type { Token } from './token.ts'

/**
 * The privileges to store, in the catalogue's order without doubles. `undefined` gives all that the caller holds now.
 * Throws `privilege-unknown`, `privilege-root-only` or `privilege-not-held`, naming the first that does not fit.
 */
export function privilegesToGive(caller: Caller, wanted: readonly string[] | undefined): readonly string[] {
  const grantable = new Set(grantablePrivileges(caller.privileges))
  // Everything, said by omission, is stored as `all` for root and as the list of the moment for others.
  if (wanted === undefined) return caller.privileges.has('all') ? ['all'] : [...grantable]
  for (const acl of wanted) {
    if (privilegeNamed(acl) === undefined) throw new Failure('privilege-unknown', { acl })
    if (!grantable.has(acl)) throw new Failure(acl === 'all' ? 'privilege-root-only' : 'privilege-not-held', { acl })
  }
  const chosen = new Set(wanted)
  return [...grantable].filter((acl) => chosen.has(acl))
}

/** The expiry to store. Past moments are refused; a token gives no later end than its own. */
export function expiryToGive(caller: Caller, wanted: Date | 'never' | undefined, now: Date): Date | undefined {
  const own = caller.credential.kind === 'token' ? caller.credential.expiresAt : undefined
  if (wanted === undefined) return own
  if (wanted === 'never') {
    if (own !== undefined)
      throw new Failure('beyond-own-limits', { problem: 'it expires, so it cannot make one that never does' })
    return undefined
  }
  if (wanted.getTime() <= now.getTime()) {
    const value = String(Math.floor(wanted.getTime() / 1000))
    throw new Failure('argument-invalid', { argument: 'expires_at', value, problem: 'is in the past' })
  }
  if (own !== undefined && wanted.getTime() > own.getTime()) {
    throw new Failure('beyond-own-limits', { problem: 'it expires before the moment asked for' })
  }
  return wanted
}

/** The rules to store, as canonical texts. Absent or cleared means any address, or the caller's own rules where its token has some. */
export function ipRulesToGive(caller: Caller, wanted: readonly IpRule[] | 'any' | undefined): readonly string[] {
  const own = caller.credential.kind === 'token' ? caller.credential.ipRules : []
  if (wanted === undefined) return own
  if (wanted === 'any' || wanted.length === 0) {
    if (own.length > 0)
      throw new Failure('beyond-own-limits', {
        problem: 'it is limited to certain addresses, so it cannot make one that is not',
      })
    return []
  }
  const rules = distinctRules(wanted)
  const texts = rules.map((rule) => rule.text)
  if (!addressesWithin(texts, own)) {
    throw new Failure('beyond-own-limits', { problem: 'an address asked for is outside its own address rules' })
  }
  return texts
}

type Limits = Pick<Token, 'privileges' | 'ipRules' | 'expiresAt'>

/**
 * A token that changes another may rename and narrow it. Once the change widens it in any way, if only by one address, the whole of
 * it is held against the caller's own limits, what is kept included: else a narrow token could take the address rules off a
 * powerful one. Throws `beyond-own-limits`.
 */
export function assertMayWiden(caller: Caller, before: Limits, after: Limits): void {
  if (widens(before, after)) assertReaches(caller, after)
}

/** Says whether the change lets the token do anything, from anywhere or at any time, that it could not do before. */
export function widens(before: Limits, after: Limits): boolean {
  return !isWithin(after, before)
}

/** Whoever comes with a token may hand out no more than it can do itself. Throws `beyond-own-limits`. */
export function assertReaches(caller: Caller, token: Limits): void {
  const { credential } = caller
  if (credential.kind !== 'token') return
  const own = { privileges: [...caller.privileges], ipRules: credential.ipRules, expiresAt: credential.expiresAt }
  if (isWithin(token, own)) return
  throw new Failure('beyond-own-limits', { problem: 'the token to be changed reaches further than it does' })
}

/** Nothing in `inner` goes beyond `outer`. */
function isWithin(inner: Limits, outer: Limits): boolean {
  const held = new Set(outer.privileges)
  const holdsAll = held.has('all') || inner.privileges.every((acl) => held.has(acl))
  const endsInTime =
    outer.expiresAt === undefined || (inner.expiresAt !== undefined && inner.expiresAt <= outer.expiresAt)
  return holdsAll && endsInTime && addressesWithin(inner.ipRules, outer.ipRules)
}

function addressesWithin(inner: readonly string[], outer: readonly string[]): boolean {
  if (outer.length === 0) return true
  return inner.length > 0 && rulesWithin(rulesOf(inner), rulesOf(outer))
}

/** Stored texts back to rules. They were canonical when they were stored, so one that cannot be read is a bug or damage. */
export function rulesOf(texts: readonly string[]): readonly IpRule[] {
  return texts.map((text) => {
    const parsed = parseListedRule(text)
    if (!parsed.ok) throw new Error(`a stored address rule cannot be read: ${text}`)
    return parsed.rule
  })
}

const RESERVED_FOR_ROOT = [/^WebPros_Dashboard$/, /^WP-Dashboard$/, /^reverse_trust_/, /-trust$/]

/**
 * Throws for names that WHM itself gives to root's tokens (observed; `token-name-reserved`), so that nobody mistakes one for the
 * other, and for a secret in the name's place, since names are stored and shown.
 */
export function assertNameAllowed(caller: Caller, argument: string, name: string): void {
  if (isWellFormedSecret(name))
    throw new Failure('argument-invalid', { argument, value: '(not shown)', problem: 'is the secret of a token' })
  if (caller.kind === 'root' && RESERVED_FOR_ROOT.some((pattern) => pattern.test(name)))
    throw new Failure('token-name-reserved', { name })
}
