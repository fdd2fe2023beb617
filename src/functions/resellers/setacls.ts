import { Failure } from '../../failures.ts'
import { aclFlags, flag, optional, text, type Values } from '../../whm/params.ts'
import type { Stores } from '../context.ts'
import { defineWrite } from '../define.ts'
import { changePrivileges, loadReseller, privilegesChosen, resellerName, resellerPrivileges } from './forms.ts'

const params = {
  reseller: resellerName('The reseller.'),
  acl: aclFlags({ doc: 'acl-NAME=1 for each privilege it is to hold; every other one is taken away.' }),
  acllist: optional(text({ doc: 'A saved list to take the privileges from, instead of acl-NAME.', max: 100 })),
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

/** An empty `acllist` names no list: it is a form field left blank. */
async function privilegesAskedFor(stores: Stores, { acl, acllist }: Values<typeof params>) {
  if (!acllist) return privilegesChosen(acl)
  if (acl.size > 0) throw new Failure('arguments-disagree', { problem: 'give either “acllist” or “acl-…”, not both' })
  const saved = await stores.aclLists.find(acllist)
  if (saved === undefined) throw new Failure('acl-list-not-found', { list: acllist })
  return { privileges: resellerPrivileges(saved), warnings: [] }
}
