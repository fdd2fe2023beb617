/** A user name with its password: from a Basic header, from the form, or to prove again who is signed in. */
import type { User } from '../accounts/account.ts'
import type { Service } from '../accounts/sessions.ts'
import type { Address } from '../ip-rules/address.ts'
import type { Barred } from '../protection/barred.ts'
import { type Guess, settled } from '../protection/guess.ts'
import type { Refusal } from '../tokens/check.ts'
import { natureOf, SERVICE_NAMES } from './attempts.ts'
import type { AuthenticateParts, Authentication } from './authentication.ts'
import { userCaller } from './callers.ts'
import type { ClientOf } from './client-address.ts'
import { barredAttempt, refused, tokenKindOf } from './refusals.ts'
import { isCodeAsked } from './second-factor.ts'

/** The caller of a Basic header; whoever signs in with two factors is refused, since it holds no code. */
export async function authenticatePassword(
  parts: AuthenticateParts,
  name: string,
  password: string,
  client: ClientOf,
): Promise<Authentication> {
  const about = { claimedUser: name, isSignIn: true }
  if (client.address === undefined) return refused('address-unreadable', client, about)
  const guess = await beginPassword(parts, client.address, name)
  if (guess.kind === 'barred') return barredAttempt(guess, client, name, 'sign-in')
  const checked = await settled(guess, () => checkPassword(parts, name, password))
  if (typeof checked === 'string') {
    guess.fail(checked !== 'unknown-user')
    const token = tokenKindOf(password)
    return { ...refused(checked, client, about), ...(token !== undefined && { mixUp: `${token} came as a password` }) }
  }
  // WHM: a password alone is not enough for whoever signs in with two factors; the reply is the form that asks for the code (observed).
  if (await settled(guess, () => isCodeAsked(parts.stores, checked.id))) {
    guess.abandon()
    return refused('tfa-required', client, about)
  }
  guess.succeed({ id: checked.id, name: checked.name, isRoot: checked.kind === 'root' }, false)
  return { kind: 'caller', caller: userCaller(checked, { kind: 'password' }, client.addressText), token: undefined }
}

/** Asks the guard to check a password. Throws `overloaded`. */
export function beginPassword(
  { guard, service }: Pick<AuthenticateParts, 'guard' | 'service'>,
  address: Address,
  claimedUser: string,
): Promise<Guess | Barred> {
  const about = { ...natureOf('wrong-password'), service: SERVICE_NAMES[service], factor: 'password' } as const
  return guard.beginGuess({ ...about, address, claimedUser })
}

/** The user whose password this is, or why not. Costs one hash whoever is asked for. */
export async function checkPassword(
  parts: Pick<AuthenticateParts, 'stores' | 'passwords' | 'isFrozenByFile'>,
  name: string,
  password: string,
): Promise<User | Refusal> {
  const user = await parts.stores.accounts.findUser(name)
  const isRight = await parts.passwords.verify(user?.passwordHash, password)
  if (user === undefined) return 'unknown-user'
  if (user.passwordHash === undefined) return 'no-password-set'
  if (!isRight) return 'wrong-password'
  if (user.isSuspended) return 'owner-suspended'
  return user.isFrozen || parts.isFrozenByFile() ? 'frozen' : user
}

/** Why this user, whatever the password, may not sign in. WHM's service is for root and resellers, cPanel's for accounts as well. */
export function signInRefusalOf(service: Service, user: User): Refusal | undefined {
  if (user.isSuspended) return 'owner-suspended'
  if (user.isFrozen) return 'frozen'
  return service === 'whm' && user.kind === 'account' ? 'not-a-reseller' : undefined
}
