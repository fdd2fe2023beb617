import { Failure } from '../../failures.ts'
import { optional, text, unixSeconds } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { alertKind, asKind, assertNoToken, viewerOf } from './forms.ts'

/** What is muted is still kept and listed; root's mutes keep it from mail, webhook and syslog, an owner's from their own mail. */
export const posternAlertMute = defineWrite({
  name: 'postern_alert_mute',
  group: 'Alerts',
  summary: 'Mute alerts of a kind, of a token, or of a kind for a token, until a time or until it is taken back.',
  source: 'Postern',
  acl: ['all', 'manage-api-tokens'],
  params: {
    kind: optional(alertKind('The kind to mute. Absent: every kind, for the token given.')),
    token_id: optional(text({ doc: 'The public id of the token to mute. Absent: every token.', min: 1, max: 100 })),
    until: optional(unixSeconds({ doc: 'When it ends by itself. Absent or 0: not by itself.', future: true })),
  },
  failures: ['arguments-disagree', 'token-not-found', 'not-served-here'],
  v0: 'none',
  audit: (values) => [values.kind ?? '', values.token_id ?? ''].join(' ').trim(),
  async run({ caller, now, stores, note }, values) {
    assertNoToken(caller)
    const { kind, token_id: tokenId, until } = values
    if (kind === undefined && tokenId === undefined)
      throw new Failure('arguments-disagree', { problem: 'give “kind”, “token_id” or both' })
    const viewer = viewerOf(caller)
    if (tokenId !== undefined) {
      const owner = (await stores.tokens.findById(tokenId))?.owner
      if (owner === undefined || (viewer !== undefined && owner.userId !== viewer))
        throw new Failure('token-not-found', { names: tokenId })
    }
    const untilAt = until === 'never' ? undefined : until
    if (untilAt !== undefined) note('until', untilAt.toISOString())
    const id = await stores.alerts.mute({
      kind: asKind(kind),
      tokenId,
      userId: viewer,
      untilAt,
      createdAt: now,
      createdBy: caller.user,
    })
    return { data: { id } }
  },
})
