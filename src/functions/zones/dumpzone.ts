import { text } from '../../whm/params.ts'
import { defineRead } from '../define.ts'
import { readZone } from './change-zone.ts'
import { shownEntry } from './single-records.ts'
import { loadZone } from './zones-in-reach.ts'

export const dumpzone = defineRead({
  name: 'dumpzone',
  group: 'DNS',
  summary: 'Show a DNS zone line by line, in the form that the functions for single records take.',
  source: 'WHM API 1, "Return DNS zone" (deprecated)',
  acl: 'edit-dns',
  params: { domain: text({ doc: 'The zone.', min: 1, max: 255, aliases: ['zone'] }) },
  failures: ['zone-not-found'],
  v0: 'result',
  async run({ stores, caller }, { domain }) {
    const { file } = readZone(await loadZone(stores, caller, domain))
    const record = file.entries.map((entry) => shownEntry(file, entry))
    const reason = 'Zone Serialized'
    return { data: { zone: [{ record }] }, dataOfV0: { result: [{ status: 1, statusmsg: reason, record }] }, reason }
  },
})
