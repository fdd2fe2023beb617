/** What is found when tokens are looked after: which nobody uses, which can do more than they need, which nothing limits. No I/O. */
import { privilegeNamed } from '../../acl/catalogue.ts'
import type { WhmFunction } from '../define.ts'
import { UNUSED_PRIVILEGE_DAYS, unusedPrivileges } from '../tokens/unused-privileges.ts'
import { VIEWS, type ViewTime, type WatchedToken } from '../tokens/views.ts'

const DAY_MS = 86_400_000

/** A kind of finding, and what somebody may do about it. */
export const FINDINGS = {
  unused: { title: 'Unused for 60 days', advice: 'Pause it; revoke it when nobody has missed it.' },
  'all-privileges': { title: 'Holds everything', advice: 'Give it the privileges that it uses, and no more.' },
  'reaches-further': {
    title: 'Can go beyond its own limits',
    advice: 'Take the privileges away that let it sign in, set passwords or make tokens, if it does not need them.',
  },
  'unused-privileges': {
    title: `Has privileges that it did not use in ${UNUSED_PRIVILEGE_DAYS} days`,
    advice: 'Take them away.',
  },
  'no-expiry': { title: 'Never expires', advice: 'Set a date, and rotate it by then.' },
  'no-ip-rules': { title: 'Works from anywhere', advice: 'Name the addresses that it is used from.' },
  'owner-suspended': { title: 'Its owner is suspended', advice: 'Revoke it, if the owner does not come back.' },
  expired: { title: 'Has expired', advice: 'Revoke it, or give it a later end.' },
} as const

export type FindingName = keyof typeof FINDINGS

export type Finding = {
  readonly finding: FindingName
  readonly watched: WatchedToken
  /** The privileges that it is about. */
  readonly privileges: readonly string[]
}

/** In the order of `FINDINGS`; a token can be among several. `usedBy` tells the functions that a token called in the last 90 days. */
export function findingsIn(
  tokens: readonly WatchedToken[],
  usedBy: ReadonlyMap<string, readonly string[]>,
  catalogue: readonly WhmFunction[],
  time: ViewTime,
): readonly Finding[] {
  const judge: Readonly<Record<FindingName, (watched: WatchedToken) => readonly string[] | undefined>> = {
    unused: (watched) => when(VIEWS['unused-60-days'].shows(watched, time)),
    'all-privileges': ({ token }) => when(token.privileges.includes('all')),
    'reaches-further': ({ token }) => some(token.privileges.filter(escalates)),
    'unused-privileges': (watched) => {
      if (!isOldEnough(watched, time)) return undefined
      return some(unusedPrivileges(catalogue, watched.token.privileges, usedBy.get(watched.token.id) ?? []))
    },
    'no-expiry': (watched) => when(VIEWS['no-expiry'].shows(watched, time)),
    'no-ip-rules': (watched) => when(VIEWS['no-ip-rules'].shows(watched, time)),
    'owner-suspended': (watched) => when(VIEWS['owner-suspended'].shows(watched, time)),
    expired: (watched) => when(VIEWS.expired.shows(watched, time)),
  }
  // The keys are the type's.
  return (Object.keys(FINDINGS) as FindingName[]).flatMap((finding) =>
    tokens.flatMap((watched) => {
      const privileges = judge[finding](watched)
      return privileges === undefined ? [] : [{ finding, watched, privileges }]
    }),
  )
}

const when = (is: boolean): readonly string[] | undefined => (is ? [] : undefined)
const some = (list: readonly string[]): readonly string[] | undefined => (list.length === 0 ? undefined : list)

function escalates(acl: string): boolean {
  return acl !== 'all' && privilegeNamed(acl)?.danger === 'escalates'
}

/** Before that nobody can say what it does not use; one that is not used at all is among the unused. */
function isOldEnough({ token, usage }: WatchedToken, { now }: ViewTime): boolean {
  return usage !== undefined && now.getTime() - token.createdAt.getTime() > UNUSED_PRIVILEGE_DAYS * DAY_MS
}
