import { PRIVILEGES } from '../../acl/catalogue.ts'
import type { Privilege } from '../../acl/privilege.ts'
import { grantablePrivileges } from '../../acl/privileges.ts'
import { defineRead, privilegesOf, type WhmFunction } from '../define.ts'

/** What a form needs to let somebody choose: not only names, but what each privilege opens and whether it reaches further than it says. */
export const posternPrivilegeList = defineRead({
  name: 'postern_privilege_list',
  group: 'Privileges',
  summary: 'List every privilege with its label, group, what it opens, and whether you may give it.',
  source: 'Postern',
  acl: ['manage-api-tokens', 'basic-whm-functions'],
  params: {},
  failures: [],
  v0: 'none',
  run({ caller, catalogue }) {
    const mayGive = new Set(grantablePrivileges(caller.privileges))
    return {
      data: {
        privileges: PRIVILEGES.map((privilege) => ({
          acl: privilege.acl,
          label: privilege.label,
          group: privilege.group,
          description: privilege.description,
          initial: privilege.initial ? 1 : 0,
          danger: privilege.danger,
          warning: privilege.warning ?? null,
          may_give: mayGive.has(privilege.acl) ? 1 : 0,
          ...functionsOf(privilege, catalogue),
        })),
      },
    }
  },
})

/** `functions` are served here; `other_functions` are WHM's that are not, so that a search for their names finds the privilege too. */
function functionsOf({ acl, functions }: Privilege, catalogue: readonly WhmFunction[]) {
  const opened = acl === 'all' ? catalogue : catalogue.filter((definition) => privilegesOf(definition).includes(acl))
  const served = new Set(opened.map(({ name }) => name))
  return {
    functions: opened.map(({ name, summary, effect }) => ({ name, summary, changes: effect === 'write' ? 1 : 0 })),
    other_functions: functions.filter((name) => !served.has(name) && name !== '*'),
  }
}
