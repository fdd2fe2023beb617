import { text, wholeNumber } from '../../whm/params.ts'
import { defineRead } from '../define.ts'
import { readZone } from './change-zone.ts'
import { recordOnLine, shownEntry } from './single-records.ts'
import { loadZone } from './zones-in-reach.ts'

export const getzonerecord = defineRead({
  name: 'getzonerecord',
  group: 'DNS',
  summary: 'Show the record on a line of a DNS zone.',
  source: 'WHM API 1, "Return DNS zone record"',
  acl: 'edit-dns',
  params: {
    domain: text({ doc: 'The zone.', min: 1, max: 255, aliases: ['zone'] }),
    line: wholeNumber({ doc: 'The line, counted from 1, as dumpzone shows it.', min: 1, aliases: ['Line'] }),
  },
  failures: ['zone-not-found', 'zone-line-not-found'],
  v0: 'result',
  async run({ stores, caller }, { domain, line }) {
    const read = readZone(await loadZone(stores, caller, domain))
    const record = shownEntry(read.file, recordOnLine(read, line))
    const reason = 'Record obtained.'
    return { data: { record: [record] }, dataOfV0: { result: [{ status: 1, statusmsg: reason, record }] }, reason }
  },
})
