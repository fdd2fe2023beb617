import { defineRead } from '../define.ts'

/** Names alone, sorted. */
export const listresellers = defineRead({
  name: 'listresellers',
  group: 'Resellers',
  summary: 'List the names of all resellers.',
  source: 'WHM API 1, listresellers',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'list',
  async run({ stores }) {
    const resellers = await stores.accounts.listResellers()
    return { data: { reseller: resellers.map((reseller) => reseller.name) } }
  },
})
