import { defineWrite } from '../define.ts'
import {
  addresses,
  listName,
  listOf,
  readAddresses,
  refuseWhileOff,
  requester,
  skipEnabledCheck,
} from './list-forms.ts'

/** Names entries as `read_cphulk_records` shows them, in any spelling of the same address or range. */
export const deleteCphulkRecord = defineWrite({
  name: 'delete_cphulk_record',
  group: 'Brute-force protection',
  summary: 'Take addresses off one of the lists.',
  source: 'WHM API 1, "Remove login security record from list"',
  acl: 'all',
  params: { ip: addresses, list_name: listName, skip_enabled_check: skipEnabledCheck },
  failures: ['protection-disabled'],
  v0: 'none',
  urgent: true,
  audit: (values) => values.list_name,
  async run(context, values) {
    const { stores, services } = context
    await refuseWhileOff(stores, values.skip_enabled_check)
    const { read, failed } = readAddresses(values.ip)
    const removed: string[] = []
    const missing: Record<string, string> = { ...failed }
    for (const { sent, rules } of read) {
      const gone: string[] = []
      for (const { text } of rules)
        if (await stores.protection.removeEntry(listOf(values.list_name), text)) gone.push(text)
      if (gone.length === 0) missing[sent] = `The list has no entry “${sent}”.`
      removed.push(...gone)
    }
    await stores.protection.raiseVersion()
    context.onCommit(() => services.protection.reload())
    context.note('addresses', removed)
    return {
      data: {
        list_name: values.list_name,
        ips_removed: removed,
        ips_failed: missing,
        ...(await requester(context, stores)),
      },
    }
  },
})
