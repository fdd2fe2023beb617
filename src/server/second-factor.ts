/**
 * The second step of a sign-in with a password. The order of factors is fixed: the code is looked at only after the password was found
 * right, and each look is counted before it is made, so that codes cannot be guessed, not by many at once either.
 */
import { isRecoveryCode, recoveryDigests, stepOfCode } from '../accounts/one-time-codes.ts'
import { openSecret } from '../accounts/sealed-secret.ts'
import type { TwoFactor } from '../accounts/two-factor.ts'
import type { Stores } from '../functions/context.ts'
import type { Door } from '../functions/door.ts'
import type { Refusal } from '../tokens/check.ts'

/** What a right code uses up when the sign-in is written. */
export type Factor =
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'step'; readonly step: number; readonly sealedSecret: string }
  | { readonly kind: 'recovery'; readonly digests: readonly string[] }

/** Says whether signing in as this user takes a code now. */
export async function isCodeAsked(stores: Stores, userId: number): Promise<boolean> {
  return (await findAsked(stores, userId)) !== undefined
}

async function findAsked(stores: Stores, userId: number): Promise<TwoFactor | undefined> {
  const config = await stores.twoFactor.find(userId)
  return config !== undefined && (await stores.twoFactor.policy()).isEnabled ? config : undefined
}

/** Looks at the code (empty: none was sent); nothing is used up yet but an attempt. */
export async function checkFactor(
  { stores, services, write }: Pick<Door, 'stores' | 'services' | 'write'>,
  userId: number,
  code: string,
  now: Date,
): Promise<Factor | Refusal> {
  const config = await findAsked(stores, userId)
  if (config === undefined) return { kind: 'not-asked' }
  if (code === '') return 'tfa-required'
  if (isRecoveryCode(code)) return { kind: 'recovery', digests: recoveryDigests(code, userId, services.peppers) }
  const mayLook = await write((inside) => inside.twoFactor.takeAttempt(userId, now), { urgent: false })
  if (!mayLook) return 'tfa-throttled'
  const step = stepOfCode(openSecret(config.sealedSecret, userId, services.peppers), code, now.getTime())
  if (step === undefined) return 'tfa-wrong'
  return step <= config.lastStep ? 'tfa-used' : { kind: 'step', step, sealedSecret: config.sealedSecret }
}

/** Uses the code up, in the transaction that opens the session; a refusal when somebody was first, or the set-up is another by now. */
export async function spendFactor(
  stores: Stores,
  userId: number,
  factor: Factor,
  now: Date,
): Promise<Refusal | undefined> {
  if (factor.kind === 'recovery') {
    return (await stores.twoFactor.spendRecoveryCode(userId, factor.digests, now)) ? undefined : 'tfa-wrong'
  }
  const config = await findAsked(stores, userId)
  if (factor.kind === 'not-asked') return config === undefined ? undefined : 'tfa-required'
  if (config?.sealedSecret !== factor.sealedSecret) return 'tfa-wrong'
  return (await stores.twoFactor.spendStep(userId, factor.step)) ? undefined : 'tfa-used'
}
