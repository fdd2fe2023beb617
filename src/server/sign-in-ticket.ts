/**
 * What the sign-in page carries from its first step to its second, so that the password need not be typed twice nor stand in a page:
 * proof that the password of this user was right a moment ago, from this address. It opens nothing without a code, is kept nowhere,
 * and ends with the password. No I/O.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { User } from '../accounts/account.ts'
import type { Peppers } from '../tokens/secret.ts'

const MAX_SECONDS = 300
const FORM = /^([0-9]{1,15})\.([0-9]{1,12})\.([0-9a-f]{64})$/

/** A ticket for five minutes. */
export function makeTicket(user: User, address: string, now: Date, peppers: Peppers): string {
  const ends = Math.floor(now.getTime() / 1000) + MAX_SECONDS
  return `${user.id}.${ends}.${sealOf(user, address, ends, peppers)}`
}

/** Whose ticket it claims to be, or undefined when it is none or has ended. Nothing is proved yet. */
export function userIdOfTicket(ticket: string, now: Date): number | undefined {
  const [, userId, ends] = FORM.exec(ticket) ?? []
  return userId !== undefined && Number(ends) * 1000 > now.getTime() ? Number(userId) : undefined
}

/** Says whether it was made for this user, with today's password, at this address. */
export function isTicketOf(ticket: string, user: User, address: string, peppers: Peppers): boolean {
  const [, userId, ends, seal = ''] = FORM.exec(ticket) ?? []
  if (userId === undefined || Number(userId) !== user.id) return false
  return timingSafeEqual(Buffer.from(sealOf(user, address, Number(ends), peppers)), Buffer.from(seal))
}

function sealOf(user: User, address: string, ends: number, { current, peppers }: Peppers): string {
  const key = Buffer.from(hkdfSync('sha256', peppers.get(current) ?? '', '', 'postern sign-in ticket', 32))
  const content = JSON.stringify([user.id, ends, user.passwordHash, address])
  return createHmac('sha256', key).update(content).digest('hex')
}
