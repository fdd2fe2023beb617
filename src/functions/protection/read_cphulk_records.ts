import { defineRead } from '../define.ts'
import { listName, listOf, refuseWhileOff, requester, skipEnabledCheck } from './list-forms.ts'

export const readCphulkRecords = defineRead({
  name: 'read_cphulk_records',
  group: 'Brute-force protection',
  summary: 'Read one of the lists of addresses, with the comments.',
  source: 'WHM API 1, "Return login security records"',
  acl: 'all',
  params: { list_name: listName, skip_enabled_check: skipEnabledCheck },
  failures: ['protection-disabled'],
  v0: 'none',
  async run(context, values) {
    const { stores } = context
    await refuseWhileOff(stores, values.skip_enabled_check)
    const entries = await stores.protection.entries(listOf(values.list_name))
    return {
      data: {
        list_name: values.list_name,
        ips_in_list: Object.fromEntries(entries.map(({ rule, comment }) => [rule, comment])),
        ...(await requester(context, stores)),
      },
    }
  },
})
