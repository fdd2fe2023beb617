import { defineRead } from '../define.ts'
import { freezeFacts } from './facts.ts'

export const posternFreezeList = defineRead({
  name: 'postern_freeze_list',
  group: 'Freeze',
  summary: 'List the freezes that are in force, oldest first.',
  source: 'Postern',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  async run({ stores }) {
    return { data: { freezes: (await stores.freezes.list()).map(freezeFacts) } }
  },
})
