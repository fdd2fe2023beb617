import { text } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { changeZone, readZone } from './change-zone.ts'
import { newRecordOf, recordParams } from './single-records.ts'
import { loadZone } from './zones-in-reach.ts'

export const addzonerecord = defineWrite({
  name: 'addzonerecord',
  group: 'DNS',
  summary: 'Add a record to a DNS zone.',
  source: 'WHM API 1, "Create DNS zone record"',
  acl: 'edit-dns',
  params: { zone: text({ doc: 'The zone.', min: 1, max: 255, aliases: ['domain'] }), ...recordParams },
  failures: ['argument-missing', 'zone-not-found', 'zone-edit-refused'],
  v0: 'result',
  audit: ({ zone }) => zone,
  async run(context, { zone: name, ...values }) {
    const zone = await loadZone(context.stores, context.caller, name)
    const record = newRecordOf(values, zone.name)
    const serial = await changeZone(context, readZone(zone), { add: [record] })
    context.note('record', `${record.name} ${record.type}`)
    return { data: {}, reason: `Saved the zone ${zone.name} with the serial ${serial}` }
  },
})
