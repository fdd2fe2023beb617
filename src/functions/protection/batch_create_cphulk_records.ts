import { Failure } from '../../failures.ts'
import { objects } from '../../whm/objects-param.ts'
import { defineWrite } from '../define.ts'
import { listName, refuseWhileOff, skipEnabledCheck } from './list-forms.ts'
import { addRecords, type NewRecord } from './records.ts'

/** As `create_cphulk_record`, with a comment for each address. */
export const batchCreateCphulkRecords = defineWrite({
  name: 'batch_create_cphulk_records',
  group: 'Brute-force protection',
  summary: 'Put addresses on one of the lists, each with a comment of its own.',
  source: 'WHM API 1, "Add login security record to list with comment"',
  acl: 'all',
  params: {
    list_name: listName,
    records: objects({
      doc: 'A JSON list of objects with ip and, if you like, comment.',
      keys: ['ip', 'comment'],
      max: 1000,
    }),
    skip_enabled_check: skipEnabledCheck,
  },
  failures: ['protection-disabled'],
  v0: 'none',
  urgent: true,
  audit: (values) => values.list_name,
  prepare: ({ services }) => services.protection.flush(),
  async run(context, values) {
    await refuseWhileOff(context.stores, values.skip_enabled_check)
    return { data: await addRecords(context, values.list_name, values.records.map(recordOf)) }
  },
})

function recordOf({ ip, comment = '' }: Readonly<Record<string, string>>): NewRecord {
  if (ip === undefined)
    throw new Failure('argument-invalid', { argument: 'records', value: '', problem: 'has an entry without ip' })
  if (comment.length > 255)
    throw new Failure('argument-invalid', {
      argument: 'comment',
      value: comment,
      problem: 'is longer than 255 characters',
    })
  return { ip, comment }
}
