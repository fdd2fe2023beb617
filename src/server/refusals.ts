/** A refused credential's entry in the trail: who it claimed to be, from where, for what, and exactly why it was refused. */
import type { AuditEntry } from '../audit/entry.ts'
import { isAlarming } from '../tokens/check.ts'
import { maskSecrets } from '../whm/mask.ts'
import type { ClientOf, Refused } from './authenticate.ts'

export function refusalEntry(
  refused: Refused,
  request: { readonly requestId: string; readonly functionName: string; readonly client: ClientOf; readonly at: Date },
): AuditEntry {
  const { refusal } = refused
  const isAlarm = isAlarming(refusal)
  return {
    at: request.at,
    requestId: request.requestId,
    // A name from a refused credential can be anything, a secret in the wrong place included.
    caller: maskSecrets(refused.claimedUser).slice(0, 300),
    credential: refused.tokenId === undefined ? 'none' : 'token',
    tokenId: refused.tokenId,
    tokenName: refused.tokenName,
    address: refused.address,
    function: maskSecrets(request.functionName).slice(0, 100),
    target: '',
    outcome: 'refused',
    reason: refusal,
    details: {
      ...(refused.sentScheme !== undefined && { scheme: refused.sentScheme }),
      ...(refused.mixUp !== undefined && { mix_up: refused.mixUp }),
      ...(request.client.ignoredHeaders.length > 0 && { ignored_headers: request.client.ignoredHeaders }),
      ...(isAlarm && { alarm: 'somebody holds a real old token, or one of another user' }),
    },
  }
}
