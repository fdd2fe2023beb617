/** The alerts that follow from what the protection notices. */
import type { ProtectionEvent } from '../protection/events.ts'
import type { NewAlert } from './alert.ts'

/** Undefined for what needs nobody's attention: root's sign-in from an address that is known. */
export function alertOf(event: ProtectionEvent): NewAlert | undefined {
  switch (event.kind) {
    case 'old-token':
      return ofOldToken(event)
    case 'address-banned':
      return {
        kind: 'address-banned',
        reason: `The address ${event.address} was banned until ${event.until.toISOString()} after ${event.failures} failed attempts${
          event.repetition > 1 ? `; it is the ${event.repetition}. time` : ''
        }.`,
        about: { address: event.address },
        at: event.at,
      }
    case 'user-locked':
      return {
        kind: 'user-locked',
        reason: `The password of “${event.user}” was tried ${event.failures} times in a row; from now on only addresses are listened to where this user has signed in before.`,
        about: { user: event.user, address: event.address },
        at: event.at,
        ...(event.address !== undefined && { example: event.address }),
      }
    case 'root-signed-in':
      if (event.isKnownAddress) return undefined
      return {
        kind: 'root-sign-in',
        reason: `Root signed in from ${event.address}, where root never signed in before.`,
        about: { user: 'root', address: event.address },
        at: event.at,
        example: event.address,
      }
  }
}

function ofOldToken(event: Extract<ProtectionEvent, { kind: 'old-token' }>): NewAlert {
  const { tokenId, tokenName, address, claimedUser, at } = event
  const from = address === undefined ? '' : ` from ${address}`
  return {
    kind: 'old-token',
    reason: `${sentenceOf(event)}${from}${claimedUser === '' ? '' : `, for the user “${claimedUser}”`}.`,
    about: { user: claimedUser === '' ? undefined : claimedUser, tokenId, tokenName, address },
    at,
    ...(address !== undefined && { example: address }),
  }
}

function sentenceOf({
  refusal,
  tokenName,
}: {
  readonly refusal: string
  readonly tokenName: string | undefined
}): string {
  const token = tokenName === undefined ? 'A token' : `The token “${tokenName}”`
  switch (refusal) {
    case 'unknown-token':
      return 'A well-formed token that is not known here was used'
    case 'other-user':
      return `${token} was used with the name of another user`
    case 'owner-removed':
      return `${token} of a removed user was used`
    default:
      return `${token} was ended and is used again`
  }
}
