import { defineWrite } from '../define.ts'
import { addresses, comment, listName, refuseWhileOff, skipEnabledCheck } from './list-forms.ts'
import { addRecords } from './records.ts'

/** What cannot be read is told in `ips_failed`, and the others are added all the same, as WHM does. */
export const createCphulkRecord = defineWrite({
  name: 'create_cphulk_record',
  group: 'Brute-force protection',
  summary: 'Put addresses on the list of those that are never banned (white) or never let in (black).',
  source: 'WHM API 1, "Add login security record to list"',
  acl: 'all',
  params: { ip: addresses, list_name: listName, comment: comment(), skip_enabled_check: skipEnabledCheck },
  failures: ['protection-disabled'],
  v0: 'none',
  urgent: true,
  audit: (values) => values.list_name,
  prepare: ({ services }) => services.protection.flush(),
  async run(context, values) {
    await refuseWhileOff(context.stores, values.skip_enabled_check)
    const text = values.comment ?? ''
    const added = await addRecords(
      context,
      values.list_name,
      values.ip.map((ip) => ({ ip, comment: text })),
    )
    return { data: { ...added, comment: text } }
  },
})
