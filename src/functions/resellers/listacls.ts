import { privilegeMap } from '../../acl/privileges.ts'
import { defineRead } from '../define.ts'

/** Each list with every privilege as 1 or 0. */
export const listacls = defineRead({
  name: 'listacls',
  group: 'Resellers',
  summary: 'List the saved lists of privileges.',
  source: 'WHM API 1, listacls',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'list',
  async run({ stores }) {
    const lists = await stores.aclLists.list()
    return {
      data: { acl: lists.map(({ name, privileges }) => ({ name, privileges: privilegeMap(new Set(privileges)) })) },
    }
  },
})
