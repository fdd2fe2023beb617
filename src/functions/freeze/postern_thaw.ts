import { Failure } from '../../failures.ts'
import { list, optional, text } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'

const MAX_FREEZES = 100

/** For people only: a token that is named in a freeze must not be able to lift it. */
export const posternThaw = defineWrite({
  name: 'postern_thaw',
  group: 'Freeze',
  summary: 'Lift freezes: what they covered works again as before. A token may not do this.',
  source: 'Postern',
  acl: 'all',
  params: {
    freeze_id: optional(
      list(text({ doc: 'The ids of the freezes to lift. Absent: all of them.', min: 1, max: 100 }), {
        max: MAX_FREEZES,
        guarded: true,
      }),
    ),
  },
  failures: ['freeze-not-found', 'beyond-own-limits'],
  v0: 'none',
  audit: (values) => values.freeze_id?.join(' ') ?? '',
  async run({ caller, stores, note }, { freeze_id }) {
    if (caller.credential.kind === 'token')
      throw new Failure('beyond-own-limits', { problem: 'it cannot lift a freeze; sign in to do that' })
    const ids = freeze_id ?? (await stores.freezes.list()).map(({ id }) => id)
    const lifted = await stores.freezes.remove(ids)
    const missing = ids.filter((id) => !lifted.some((freeze) => freeze.id === id))
    if (missing.length > 0) throw new Failure('freeze-not-found', { ids: missing.join('”, “') })
    note('thawed', ids)
    return { data: { thawed: lifted.length } }
  },
})
