import { text, wholeNumber } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { changeZone, readZone } from './change-zone.ts'
import { changedRecordOf, recordOnLine, recordParams } from './single-records.ts'
import { loadZone } from './zones-in-reach.ts'

export const editzonerecord = defineWrite({
  name: 'editzonerecord',
  group: 'DNS',
  summary: 'Change the record on a line of a DNS zone; what is left out stays as it is.',
  source: 'WHM API 1, "Update DNS zone record"',
  acl: 'edit-dns',
  params: {
    domain: text({ doc: 'The zone.', min: 1, max: 255, aliases: ['zone'] }),
    line: wholeNumber({ doc: 'The line, counted from 1, as dumpzone shows it.', min: 1, aliases: ['Line'] }),
    ...recordParams,
  },
  failures: ['argument-missing', 'zone-not-found', 'zone-line-not-found', 'zone-edit-refused'],
  v0: 'result',
  audit: ({ domain }) => domain,
  async run(context, { domain, line, ...values }) {
    const read = readZone(await loadZone(context.stores, context.caller, domain))
    const record = changedRecordOf(values, recordOnLine(read, line), read.zone.name)
    const serial = await changeZone(context, read, { edit: [{ ...record, line: line - 1 }] })
    context.note('record', `${record.name} ${record.type}`)
    return { data: {}, reason: `Saved the zone ${read.zone.name} with the serial ${serial}` }
  },
})
