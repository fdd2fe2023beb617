import { text } from '../../whm/params.ts'
import { defineRead } from '../define.ts'
import { parsedZone } from './parsed-zone.ts'
import { loadZone } from './zones-in-reach.ts'

/** `payload` stands alone in the data, so that clients can reduce it to its list (observed). */
export const parseDnsZone = defineRead({
  name: 'parse_dns_zone',
  group: 'DNS',
  summary: 'Show a DNS zone line by line, with names and texts in base64.',
  source: 'WHM API 1, "Parse DNS zone"',
  acl: ['edit-dns', 'manage-dns-records'],
  params: { zone: text({ doc: 'The zone.', min: 1, max: 255 }) },
  failures: ['zone-not-found'],
  v0: 'none',
  async run({ stores, caller }, { zone }) {
    return { data: { payload: parsedZone(await loadZone(stores, caller, zone)) } }
  },
})
