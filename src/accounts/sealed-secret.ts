/**
 * Secrets that must be read again, such as those of one-time codes, and so cannot be kept as digests: AES-256-GCM under a key that is
 * derived from the pepper, which is in no database and no backup. Each is bound to its user, so that it cannot be moved to another.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Peppers by version; the current one seals, and each sealed secret names the version that opens it. */
export type PepperSet = { readonly current: number; readonly peppers: ReadonlyMap<number, Uint8Array> }

/** Each has a key of its own, so that nothing sealed for one opens for another. */
export type SealedFor = 'two-factor secret' | 'private key' | 'acme account' | 'database password'

const IV_BYTES = 12
const TAG_BYTES = 16

/** `VERSION.BASE64URL`, different each time. */
export function sealSecret(
  secret: string,
  userId: number,
  peppers: PepperSet,
  purpose: SealedFor = 'two-factor secret',
): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyOf(peppers, peppers.current, purpose), iv)
  cipher.setAAD(boundTo(userId))
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return `${peppers.current}.${Buffer.concat([iv, sealed, cipher.getAuthTag()]).toString('base64url')}`
}

/** Throws for what was changed, belongs to another user, or was sealed under a pepper that is not here. */
export function openSecret(
  sealed: string,
  userId: number,
  peppers: PepperSet,
  purpose: SealedFor = 'two-factor secret',
): string {
  const [version = '', text = ''] = sealed.split('.')
  const bytes = Buffer.from(text, 'base64url')
  const decipher = createDecipheriv(
    'aes-256-gcm',
    keyOf(peppers, Number(version), purpose),
    bytes.subarray(0, IV_BYTES),
  )
  decipher.setAAD(boundTo(userId))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
}

function keyOf({ peppers }: PepperSet, version: number, purpose: SealedFor): Buffer {
  const pepper = peppers.get(version)
  if (pepper === undefined) throw new Error(`there is no pepper of version ${version}`)
  return Buffer.from(hkdfSync('sha256', pepper, '', `postern ${purpose}`, 32))
}

function boundTo(userId: number): Buffer {
  return Buffer.from(`user ${userId}`)
}
