import { Failure } from '../../failures.ts'
import { flag, optional } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { changePrivileges, loadReseller, privilegesAskedFor, privilegesOfReseller, resellerName } from './forms.ts'

const params = {
  reseller: resellerName('The reseller.'),
  ...privilegesOfReseller,
  postern_remove_all: optional(
    flag({ doc: '1: a call that names no privilege is meant, and takes every privilege away.' }),
  ),
}

/**
 * Replaces the whole set. A panel that sends its form empty would strip a reseller of everything without a word (observed), so a
 * call that comes down to no privilege is refused unless it says that this is meant (our choice).
 */
export const setacls = defineWrite({
  name: 'setacls',
  group: 'Resellers',
  summary: "Replace a reseller's privileges by those named, or by a saved list.",
  source: 'WHM API 1, "Create or update reseller privilege settings"',
  acl: 'all',
  params,
  failures: [
    'reseller-not-found',
    'acl-list-not-found',
    'privilege-unknown',
    'privilege-root-only',
    'privileges-empty',
    'arguments-disagree',
  ],
  v0: 'result',
  audit: (values) => values.reseller,
  async run(context, values) {
    const reseller = await loadReseller(context.stores, values.reseller)
    const { privileges, warnings } = await privilegesAskedFor(context.stores, values)
    if (privileges.length === 0 && values.postern_remove_all !== true) {
      throw new Failure('privileges-empty', { user: reseller.name })
    }
    if (values.acllist) context.note('acl_list', values.acllist)
    return { data: {}, warnings: [...warnings, ...(await changePrivileges(context, reseller, privileges))] }
  },
})
