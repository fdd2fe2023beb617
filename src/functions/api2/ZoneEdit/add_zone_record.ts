import { text } from '../../../whm/params.ts'
import { changeZone, readZone } from '../../zones/change-zone.ts'
import { newRecordOf, recordParams } from '../../zones/single-records.ts'
import { loadZoneOf } from '../../zones/zones-in-reach.ts'
import { defineApi2Write } from '../define.ts'
import { failedResult, savedResult } from './results.ts'

export const zoneEditAddZoneRecord = defineApi2Write({
  module: 'ZoneEdit',
  function: 'add_zone_record',
  summary: 'Add a record to a zone of the account.',
  source: 'cPanel API 2, "ZoneEdit::add_zone_record"',
  feature: 'zoneedit',
  params: { domain: text({ doc: 'The zone.', min: 1, max: 255 }), ...recordParams },
  failures: ['argument-missing', 'zone-not-found', 'zone-edit-refused'],
  audit: ({ domain }) => domain,
  failedData: failedResult,
  async run(context, { domain, ...values }) {
    const zone = await loadZoneOf(context.stores, context.account.userId, domain)
    const record = newRecordOf(values, zone.name)
    const serial = await changeZone(context, readZone(zone), { add: [record] })
    context.note('record', `${record.name} ${record.type}`)
    return { data: savedResult(zone.name, serial) }
  },
})
