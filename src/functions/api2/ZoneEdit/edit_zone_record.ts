import { text, wholeNumber } from '../../../whm/params.ts'
import { changeZone, readZone } from '../../zones/change-zone.ts'
import { changedRecordOf, recordOnLine, recordParams } from '../../zones/single-records.ts'
import { loadZoneOf } from '../../zones/zones-in-reach.ts'
import { defineApi2Write } from '../define.ts'
import { failedResult, savedResult } from './results.ts'

export const zoneEditEditZoneRecord = defineApi2Write({
  module: 'ZoneEdit',
  function: 'edit_zone_record',
  summary: 'Change the record on a line of a zone of the account; what is left out stays as it is.',
  source: 'cPanel API 2, "ZoneEdit::edit_zone_record"',
  feature: 'zoneedit',
  params: {
    domain: text({ doc: 'The zone.', min: 1, max: 255 }),
    Line: wholeNumber({ doc: 'The line, counted from 1, as fetchzone_records shows it.', min: 1, aliases: ['line'] }),
    ...recordParams,
  },
  failures: ['argument-missing', 'zone-not-found', 'zone-line-not-found', 'zone-edit-refused'],
  audit: ({ domain }) => domain,
  failedData: failedResult,
  async run(context, { domain, Line: line, ...values }) {
    const read = readZone(await loadZoneOf(context.stores, context.account.userId, domain))
    const record = changedRecordOf(values, recordOnLine(read, line), read.zone.name)
    const serial = await changeZone(context, read, { edit: [{ ...record, line: line - 1 }] })
    context.note('record', `${record.name} ${record.type}`)
    return { data: savedResult(read.zone.name, serial) }
  },
})
