import { randomBytes } from 'node:crypto'
import { Failure } from '../../failures.ts'
import { type Freeze, isTokenFrozen } from '../../tokens/freeze.ts'
import { flag, guarded, optional, text } from '../../whm/params.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { tokenIds } from '../tokens/by-id.ts'
import { freezeFacts } from './facts.ts'

const NAMED_IN_REPLY = 200

/**
 * Stops tokens, passwords and sessions of everybody or of one user, at once and on every node, without changing a token: one row is
 * written. Root's password and sessions go on, so that somebody can thaw, and so does the local socket.
 */
export const posternFreeze = defineWrite({
  name: 'postern_freeze',
  group: 'Freeze',
  summary:
    'Refuse every call of everybody, or of one user and their accounts, but for the tokens that you name, until it is thawed.',
  source: 'Postern',
  acl: 'all',
  params: {
    reason: text({ doc: 'Why, for whoever finds it frozen.', min: 1, max: 200 }),
    user: optional(
      guarded(text({ doc: 'Freeze this user and the accounts they own. Absent: everybody.', min: 1, max: 100 })),
    ),
    except: optional(guarded(tokenIds('Public ids of the tokens that go on.'))),
    dry_run: optional(guarded(flag({ doc: '1: tells what would be frozen, and freezes nothing.' }))),
  },
  failures: ['user-not-found', 'token-not-found'],
  v0: 'none',
  urgent: true,
  audit: (values) => values.user ?? '',
  async run(context, values) {
    const { stores, note } = context
    const freeze = await freezeAskedFor(context, values)
    const tokens = (await stores.tokens.listOwned({})).filter(({ token, owner }) =>
      isTokenFrozen([freeze], token.id, owner),
    )
    const isDryRun = values.dry_run === true
    if (!isDryRun) await stores.freezes.add(freeze)
    note(isDryRun ? 'would_freeze' : 'freeze', freeze.id)
    note('freeze_reason', freeze.reason)
    note('tokens', tokens.length)
    if (freeze.except.length > 0) note('except', freeze.except)
    return {
      data: {
        ...freezeFacts(freeze),
        frozen: isDryRun ? 0 : 1,
        tokens: tokens.length,
        token_names: tokens.slice(0, NAMED_IN_REPLY).map(({ token, owner }) => `${owner.user}: ${token.name}`),
      },
    }
  },
})

type Asked = {
  readonly reason: string
  readonly user: string | undefined
  readonly except: readonly string[] | undefined
}

async function freezeAskedFor({ caller, now, stores }: WriteContext, asked: Asked): Promise<Freeze> {
  const user = asked.user === undefined ? undefined : await stores.accounts.findUser(asked.user)
  if (asked.user !== undefined && user === undefined) throw new Failure('user-not-found', { user: asked.user })
  const except = asked.except ?? []
  // A slip of the finger would freeze the one token that must go on.
  for (const id of except)
    if ((await stores.tokens.findById(id)) === undefined) throw new Failure('token-not-found', { names: id })
  return {
    id: `frz_${randomBytes(8).toString('hex')}`,
    userId: user?.id,
    user: user?.name ?? '',
    except,
    reason: asked.reason,
    by: caller.user,
    at: now,
  }
}
