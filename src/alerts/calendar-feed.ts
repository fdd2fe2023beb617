/** The address under which a calendar program reads when tokens expire. */
import { createHash, randomBytes } from 'node:crypto'

export type CalendarFeedStore = {
  /** Gives the user this feed, in place of one that they had. */
  replace(userId: number, digest: string, at: Date): Promise<void>
  /** False when there was none. */
  remove(userId: number): Promise<boolean>
  findUserId(digest: string): Promise<number | undefined>
}

/** 256 random bits, safe in a URL. */
export function makeFeedSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** How the secret is kept. */
export function feedDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Below the server's own address. */
export function feedPath(secret: string): string {
  return `/calendar/${secret}.ics`
}
