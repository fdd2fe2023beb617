import type { Account } from '../../../accounts/account.ts'
import { sealSecret } from '../../../accounts/sealed-secret.ts'
import { nativePasswordHash } from '../../../hosting/mysql.ts'
import type { Services } from '../../context.ts'

/** What waits in the database until the server has it. */
export function sealedHashOf(password: string, { userId }: Account, { peppers }: Services): string {
  return sealSecret(nativePasswordHash(password), userId, peppers, 'database password')
}
