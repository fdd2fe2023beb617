/**
 * Rotation: another secret for the same token, while the one before works on for a time, until the new one is used, or not at all.
 * What is decided here: what becomes of the secrets there are, and what a call that comes again with its key means. No I/O.
 *
 * A key makes a rotation safe to repeat after a lost reply. The secret is shown once, so the repeat cannot show it again: it ends the one
 * that nobody received and makes another, under the same overlap, so that the caller holds a usable one either way. Once the new
 * secret was used somebody did receive it, and the repeat is refused.
 */
import { Failure } from '../failures.ts'
import { secretHasEnded } from './check.ts'
import type { PresentedSecret, Token } from './token.ts'

/** A secret that a rotation replaced. It works until it ends, and stays known after that. */
export type OldSecret = PresentedSecret & {
  readonly madeAt: Date
  readonly replacedAt: Date
  /** The idempotency key of the rotation that replaced it. */
  readonly rotationKey: string | undefined
  /** What that rotation asked for, as text. */
  readonly overlap: string
  readonly endsWithFirstUse: boolean
  readonly endReason: EndReason | ''
}

/** Why a secret ended: `undelivered` ones were replaced by a repeated call before anybody used them. */
export type EndReason = 'rotated' | 'first-use' | 'undelivered' | 'ended'

/** A rotation as it is stored. */
export type NewSecret = {
  readonly digest: string
  readonly pepperVersion: number
  readonly madeAt: Date
  readonly replaced: Pick<
    OldSecret,
    'rotationKey' | 'overlap' | 'endsAt' | 'endsWithFirstUse' | 'endedAt' | 'endReason'
  >
}

/** Where the secrets of tokens are kept, digests apart from what is told about them. */
export type SecretStore = {
  /** The secrets of a token that rotations replaced, the latest first. */
  listOld(tokenId: string): Promise<readonly OldSecret[]>
  findOld(tokenId: string, number: number): Promise<OldSecret | undefined>
  /** Puts another secret in the place of number `number`; false when that is not the newest any more, or the token is revoked. */
  replace(tokenId: string, number: number, secret: NewSecret): Promise<boolean>
  /** Ends those of the given numbers that were not ended before. */
  end(tokenId: string, numbers: readonly number[], at: Date, reason: EndReason): Promise<void>
  /** True once a rotation: for whoever is the first to use the newest secret, of this number. */
  claimFirstUse(tokenId: string, number: number): Promise<boolean>
}

/** How long the secret that is replaced works on. */
export type Overlap =
  | { readonly kind: 'none' }
  | { readonly kind: 'first-use' }
  | { readonly kind: 'until'; readonly endsAt: Date }

export type RotationPlan = {
  /** What becomes of the secret that is the newest until now. */
  readonly replaced: NewSecret['replaced']
  /** Older ones to end now. */
  readonly endNow: readonly number[]
  readonly isRepeat: boolean
}

type Rotatable = Pick<Token, 'secretNumber' | 'awaitsFirstUse'>
export type AskedRotation = {
  readonly overlap: Overlap
  readonly overlapText: string
  readonly key: string | undefined
}

/**
 * Throws `rotation-over` for a key that has done its work, `arguments-disagree` for one that asked for another overlap, and
 * `argument-invalid` for an end in the past.
 */
export function planRotation(
  token: Rotatable,
  old: readonly OldSecret[],
  asked: AskedRotation,
  now: Date,
): RotationPlan {
  const { key, overlap, overlapText } = asked
  const known = { rotationKey: key, overlap: overlapText }
  if (isRepeat(token, old, asked)) {
    const replaced = {
      ...known,
      endsAt: undefined,
      endsWithFirstUse: false,
      endedAt: now,
      endReason: 'undelivered',
    } as const
    return { replaced, endNow: [], isRepeat: true }
  }
  if (overlap.kind === 'none') {
    const replaced = {
      ...known,
      endsAt: undefined,
      endsWithFirstUse: false,
      endedAt: now,
      endReason: 'rotated',
    } as const
    // Whoever ends the secret at once means all that came before as well.
    const endNow = old.filter((secret) => !secretHasEnded(secret, now.getTime())).map(({ number }) => number)
    return { replaced, endNow, isRepeat: false }
  }
  const endsAt = overlap.kind === 'until' ? overlap.endsAt : undefined
  if (endsAt !== undefined && endsAt <= now) {
    const value = String(Math.floor(endsAt.getTime() / 1000))
    throw new Failure('argument-invalid', { argument: 'ends_at', value, problem: 'is in the past' })
  }
  const endsWithFirstUse = overlap.kind === 'first-use'
  return {
    replaced: { ...known, endsAt, endsWithFirstUse, endedAt: undefined, endReason: '' },
    endNow: [],
    isRepeat: false,
  }
}

function isRepeat(token: Rotatable, old: readonly OldSecret[], { key, overlapText }: AskedRotation): boolean {
  if (key === undefined) return false
  const before = old.find(({ rotationKey }) => rotationKey === key)
  if (before === undefined) return false
  if (before.overlap !== overlapText)
    throw new Failure('arguments-disagree', { problem: 'the same key came before with another overlap' })
  const isLatest = before.number === token.secretNumber - 1
  if (!isLatest || !token.awaitsFirstUse)
    throw new Failure('rotation-over', {
      why: isLatest ? 'its new secret is in use' : 'the token was rotated again since',
    })
  return true
}
