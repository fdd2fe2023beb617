import { defineRead } from '../define.ts'
import { shownBan } from './shown.ts'

export const getCphulkBrutes = defineRead({
  name: 'get_cphulk_brutes',
  group: 'Brute-force protection',
  summary: 'List the addresses that are banned.',
  source: 'WHM API 1, "Return login security brute force attacks"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  async run({ stores, services, now }) {
    await services.protection.flush()
    const bans = (await stores.protection.bans(now.getTime())).filter(({ isExcessive }) => !isExcessive)
    return { data: { brutes: bans.map((ban) => shownBan(ban, now.getTime(), services.facts.timezone)) } }
  },
})
