/**
 * The second factor: one-time codes from an app (RFC 6238: six digits, thirty seconds, SHA-1, as every app speaks) and recovery
 * codes for the day when the app is lost. What a code must look like is decided here, once: six digits or a recovery code, letter for
 * letter, never with a blank in it. No I/O, and the time is an argument.
 */
import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { PepperSet } from './sealed-secret.ts'

const PERIOD_SECONDS = 30
/** A clock that goes a little wrong, or a code typed slowly, is forgiven by one period on each side (RFC 6238, 5.2). */
const WINDOW = 1
const SECRET_BYTES = 20
/** WHM's own secrets have 16 characters (documented); nothing shorter is one. */
export const ONE_TIME_SECRET: RegExp = /^[A-Z2-7]{16,128}$/

/** Makes a secret in base32, as apps take it. */
export function makeOneTimeSecret(): string {
  return new Secret({ buffer: new Uint8Array(randomBytes(SECRET_BYTES)).buffer }).base32
}

/** `otpauth://totp/…`, which apps read from a QR code. */
export function otpauthUri(secret: string, issuer: string, user: string): string {
  return new TOTP({ issuer, label: user, secret: Secret.fromBase32(secret) }).toString()
}

/** The period that the code belongs to, counted from 1970, or undefined when it is the code of none near now. */
export function stepOfCode(secret: string, code: string, nowMs: number): number | undefined {
  if (!/^[0-9]{6}$/.test(code)) return undefined
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  const delta = totp.validate({ token: code, timestamp: nowMs, window: WINDOW })
  return delta === null ? undefined : Math.floor(nowMs / 1000 / PERIOD_SECONDS) + delta
}

export const RECOVERY_CODES = 10
const RECOVERY_BYTES = 10
const RECOVERY_FORM = /^[a-z2-7]{4}(?:-[a-z2-7]{4}){3}$/

/** Makes a recovery code of 80 random bits: `xxxx-xxxx-xxxx-xxxx`. */
export function makeRecoveryCode(): string {
  const letters = new Secret({ buffer: new Uint8Array(randomBytes(RECOVERY_BYTES)).buffer }).base32.toLowerCase()
  return (letters.match(/.{4}/g) ?? []).join('-')
}

/** Says whether the text has the form of a recovery code; true says nothing about whether it was ever made. */
export function isRecoveryCode(text: string): boolean {
  return RECOVERY_FORM.test(text)
}

/** What is kept of a recovery code: an HMAC of user and code under a key of the pepper's. */
export function recoveryDigests(code: string, userId: number, { current, peppers }: PepperSet): readonly string[] {
  const others = [...peppers.keys()].filter((version) => version !== current)
  return [current, ...others].map((version) => {
    const key = Buffer.from(hkdfSync('sha256', peppers.get(version) ?? '', '', 'postern recovery code', 32))
    return createHmac('sha256', key).update(`${userId}:${code}`).digest('hex')
  })
}

const FREE_FAILURES = 4
const FIRST_WAIT_SECONDS = 30
const LONGEST_WAIT_SECONDS = 15 * 60

/** NIST SP 800-63B: no more than 100 failures in a row; then only a recovery code, or an administrator, helps. */
export const FAILURES_MAX = 100

/** How long no code is looked at after so many failures in a row: nothing at first, then half a minute, doubling. */
export function waitSecondsAfter(failures: number): number {
  if (failures <= FREE_FAILURES) return 0
  return Math.min(FIRST_WAIT_SECONDS * 2 ** (failures - FREE_FAILURES - 1), LONGEST_WAIT_SECONDS)
}
