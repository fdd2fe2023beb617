import { text } from '../../../whm/params.ts'
import { parsedZone } from '../../zones/parsed-zone.ts'
import { loadZoneOf } from '../../zones/zones-in-reach.ts'
import { defineUapiRead } from '../define.ts'

export const dnsParseZone = defineUapiRead({
  module: 'DNS',
  function: 'parse_zone',
  summary: 'Show a zone of the account line by line, with names and texts in base64.',
  source: 'UAPI, "Parse DNS zone"',
  feature: 'zoneedit',
  params: { zone: text({ doc: 'The zone.', min: 1, max: 255 }) },
  failures: ['zone-not-found'],
  async run({ stores, account }, { zone }) {
    return { data: parsedZone(await loadZoneOf(stores, account.userId, zone)) }
  },
})
