/** A freeze as the replies show it. */
import type { Freeze } from '../../tokens/freeze.ts'
import { seconds } from '../tokens/forms.ts'

export function freezeFacts({ id, user, except, reason, by, at }: Freeze) {
  return { freeze_id: id, user: user === '' ? null : user, except, reason, by, time: seconds(at) }
}
