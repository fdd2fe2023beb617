import { aclFlags } from '../../whm/flags-param.ts'
import { defineWrite } from '../define.ts'
import { listName, privilegesChosen } from './forms.ts'

/** A list may be empty, since saving it strips nobody; `setacls` refuses to apply such a list. */
export const saveacllist = defineWrite({
  name: 'saveacllist',
  group: 'Resellers',
  summary: 'Save a list of privileges under a name, in place of the list that has it; no reseller changes.',
  source: 'WHM API 1, "Create or update privilege list and settings"',
  acl: 'all',
  params: {
    acllist: listName('The name of the list.'),
    acl: aclFlags({ doc: 'acl-NAME=1 for each privilege of the list; acl-NAME=0 is as good as absent.' }),
  },
  failures: ['privilege-unknown', 'privilege-root-only'],
  v0: 'result',
  audit: (values) => values.acllist,
  async run({ now, stores, note }, { acllist, acl }) {
    const { privileges, warnings } = privilegesChosen(acl)
    await stores.aclLists.save(acllist, privileges, now)
    note('privileges', privileges)
    // WHM saveacllist: documented text.
    return { data: {}, reason: `ACL List ${acllist} saved.`, warnings }
  },
})
