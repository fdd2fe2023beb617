import { Failure } from '../../failures.ts'
import { optional, text, wholeNumber } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { changeZone, readZone } from './change-zone.ts'
import { recordOnLine } from './single-records.ts'
import { loadZone } from './zones-in-reach.ts'

export const removezonerecord = defineWrite({
  name: 'removezonerecord',
  group: 'DNS',
  summary: 'Remove the record on a line of a DNS zone.',
  source: 'WHM API 1, "Remove DNS zone record"',
  acl: 'edit-dns',
  params: {
    zone: text({ doc: 'The zone.', min: 1, max: 255, aliases: ['domain'] }),
    line: wholeNumber({ doc: 'The line, counted from 1, as dumpzone shows it.', min: 1, aliases: ['Line'] }),
    serialnum: optional(
      wholeNumber({ doc: 'The serial of the zone as it was read; with another nothing is removed.' }),
    ),
  },
  failures: ['zone-not-found', 'zone-line-not-found', 'zone-serial-stale', 'zone-edit-refused'],
  v0: 'result',
  audit: ({ zone }) => zone,
  async run(context, { zone, line, serialnum }) {
    const read = readZone(await loadZone(context.stores, context.caller, zone))
    const { name, serial } = read.zone
    if (serialnum !== undefined && serialnum !== serial) throw new Failure('zone-serial-stale', { zone: name })
    const { key, type } = recordOnLine(read, line)
    const next = await changeZone(context, read, { remove: [line - 1] })
    context.note('record', `${key} ${type}`)
    return { data: {}, reason: `Saved the zone ${name} with the serial ${next}` }
  },
})
