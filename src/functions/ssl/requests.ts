/** Signing requests. They are not kept: whoever has the key can have one made again. No I/O. */
import { createHash } from 'node:crypto'

/** The same for the same request. */
export function requestIdOf(pem: string): string {
  return createHash('sha256').update(pem).digest('hex').slice(0, 40)
}
