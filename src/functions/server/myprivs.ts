import { privilegeMap } from '../../acl/privileges.ts'
import { defineRead } from '../define.ts'

/** WHM answers a list that holds one map (documented). A token sees what it may do itself, not what its owner may. */
export const myprivs = defineRead({
  name: 'myprivs',
  group: 'Server',
  summary: 'Tell which privileges you hold with this credential.',
  source: 'WHM API 1, "Return current user\'s privileges"',
  acl: 'basic-whm-functions',
  params: {},
  failures: [],
  v0: 'list',
  run: ({ caller }) => ({ data: { privileges: [privilegeMap(caller.privileges)] } }),
})
