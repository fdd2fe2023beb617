/** Argument forms and reply parts that the token functions share. */
import { privilegeMap } from '../../acl/privileges.ts'
import { coversEveryAddress } from '../../ip-rules/match.ts'
import { rulesOf } from '../../tokens/grant.ts'
import type { Token, TokenUsage } from '../../tokens/token.ts'
import type { RefusalSummary } from '../../usage/history.ts'
import { type IpRules, ipRules } from '../../whm/ip-rules-param.ts'
import { guarded, list, privilegeName, text, unixSeconds } from '../../whm/params.ts'
import type { WriteContext } from '../context.ts'

/** WHM api_token_create, "token_name": 1 to 50 letters, digits, dashes and underscores. */
export const tokenName = (doc: string) =>
  text({ doc, min: 1, max: 50, only: /^[A-Za-z0-9_-]+$/, onlyProblem: 'may hold only letters, digits, “-” and “_”' })

export const tokenPrivileges = (doc: string) => list(privilegeName({ doc }), { guarded: true })
/** For people; nothing decides by it. */
export const tokenNote = text({ doc: 'What it is for, for whoever looks after it later.', max: 500 })
export const tokenTicket = text({ doc: 'The ticket or request it was made for.', max: 100 })

/** Guarded: a misspelt expiry that was ignored would make a token that never ends. */
export const tokenExpiry = (doc: string) => guarded(unixSeconds({ doc }))
export const tokenIpRules = (doc: string) => ipRules({ doc })

/** The facts that create, update and get_details answer. WHM: `acls` is an array here, and a map in `api_token_list`. */
export function tokenFacts(token: Pick<Token, 'name' | 'privileges' | 'ipRules' | 'createdAt' | 'expiresAt'>) {
  return {
    acls: token.privileges,
    create_time: seconds(token.createdAt),
    expires_at: token.expiresAt === undefined ? null : seconds(token.expiresAt),
    name: token.name,
    whitelist_ips: token.ipRules.length === 0 ? null : token.ipRules,
  }
}

/** One entry of `api_token_list`: WHM's keys, then Postern's own. */
export function listedToken(
  token: Token,
  { usage, refusals }: { readonly usage: TokenUsage | undefined; readonly refusals: RefusalSummary | undefined },
  now: Date,
  expiresSoonSeconds: number,
  withMap = true,
) {
  const { acls: _, ...facts } = tokenFacts(token)
  return {
    ...facts,
    ...(withMap && { acls: privilegeMap(new Set(token.privileges)) }),
    postern_id: token.id,
    postern_status: statusOf(token, now, expiresSoonSeconds),
    postern_last_used: usage === undefined ? null : seconds(usage.lastUsedAt),
    postern_last_used_from: usage?.lastUsedAddress ?? null,
    postern_last_function: usage?.lastFunction || null,
    postern_first_used: usage?.firstUsedAt === undefined ? null : seconds(usage.firstUsedAt),
    postern_calls: usage?.calls ?? 0,
    postern_refused: refusals?.refused ?? 0,
    postern_last_refused: refusals === undefined ? null : seconds(refusals.lastRefusedAt),
    postern_last_refused_from: refusals?.lastRefusedAddress || null,
    postern_last_refused_reason: refusals?.lastRefusedReason ?? null,
    postern_pause_reason: token.pausedAt === undefined ? null : token.pauseReason,
    postern_secret: token.secretNumber,
  }
}

export type TokenStatus = 'active' | 'expires-soon' | 'expired' | 'paused' | 'revoked'

/** Expired tokens stay listed; one that is paused and expired is expired. */
export function statusOf(token: Token, now: Date, expiresSoonSeconds: number): TokenStatus {
  if (token.revokedAt !== undefined) return 'revoked'
  if (token.expiresAt !== undefined && token.expiresAt.getTime() <= now.getTime()) return 'expired'
  if (token.pausedAt !== undefined) return 'paused'
  const isSoon = token.expiresAt !== undefined && token.expiresAt.getTime() - now.getTime() <= expiresSoonSeconds * 1000
  return isSoon ? 'expires-soon' : 'active'
}

/** What the maker of a token should know about its address rules. */
export function ipRuleWarnings(rules: readonly string[], given: IpRules | undefined): readonly string[] {
  const warnings: string[] = []
  if (given !== undefined && !given.any) {
    for (const entry of given.hostBits) warnings.push(`“${entry}” is kept as the whole network it lies in.`)
  }
  const covered = coversEveryAddress(rulesOf(rules))
  if (covered === 'both') warnings.push('The address rules allow every address.')
  if (covered === 'v4' || covered === 'v6') warnings.push(`The address rules allow every IP${covered} address.`)
  return warnings
}

/** For a token that holds every privilege now, and did not before. After break-ins, such tokens are how attackers stay. */
export async function alertOfEverything(
  { caller, now, stores }: WriteContext,
  token: Pick<Token, 'id' | 'name' | 'privileges'>,
  did: 'made' | 'widened',
): Promise<void> {
  if (!token.privileges.includes('all')) return
  const byWhat = caller.credential.kind === 'token' ? `the token “${caller.credential.tokenName}”` : 'no token'
  await stores.alerts.raise([
    {
      kind: 'token-with-all',
      reason: `The token “${token.name}” of “${caller.user}” was ${did}, and holds every privilege; it was done with ${byWhat}${
        caller.address === undefined ? ', on the machine itself' : `, from ${caller.address}`
      }.`,
      about: {
        userId: caller.userId,
        user: caller.user,
        tokenId: token.id,
        tokenName: token.name,
        address: caller.address,
      },
      at: now,
    },
  ])
}

/** The rules asked for: `any` clears, absent is absent. */
export function rulesAskedFor(given: IpRules | undefined) {
  if (given === undefined) return undefined
  return given.any ? 'any' : given.rules
}

/** What is stored holds whole seconds, so a reply tells no more. */
export function wholeSecond(at: Date): Date {
  return new Date(seconds(at) * 1000)
}

export function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}
