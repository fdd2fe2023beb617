import { text, wholeNumber } from '../../../whm/params.ts'
import { changeZone, readZone } from '../../zones/change-zone.ts'
import { recordOnLine } from '../../zones/single-records.ts'
import { loadZoneOf } from '../../zones/zones-in-reach.ts'
import { defineApi2Write } from '../define.ts'
import { failedResult, savedResult } from './results.ts'

export const zoneEditRemoveZoneRecord = defineApi2Write({
  module: 'ZoneEdit',
  function: 'remove_zone_record',
  summary: 'Remove the record on a line of a zone of the account.',
  source: 'cPanel API 2, "ZoneEdit::remove_zone_record"',
  feature: 'zoneedit',
  params: {
    domain: text({ doc: 'The zone.', min: 1, max: 255 }),
    line: wholeNumber({ doc: 'The line, counted from 1, as fetchzone_records shows it.', min: 1, aliases: ['Line'] }),
  },
  failures: ['zone-not-found', 'zone-line-not-found', 'zone-edit-refused'],
  audit: ({ domain }) => domain,
  failedData: failedResult,
  async run(context, { domain, line }) {
    const read = readZone(await loadZoneOf(context.stores, context.account.userId, domain))
    const { key, type } = recordOnLine(read, line)
    const serial = await changeZone(context, read, { remove: [line - 1] })
    context.note('record', `${key} ${type}`)
    return { data: savedResult(read.zone.name, serial) }
  },
})
