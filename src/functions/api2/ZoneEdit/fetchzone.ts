import { text } from '../../../whm/params.ts'
import { readZone } from '../../zones/change-zone.ts'
import { shownEntry } from '../../zones/single-records.ts'
import { loadZoneOf } from '../../zones/zones-in-reach.ts'
import { defineApi2Read } from '../define.ts'

export const zoneEditFetchzone = defineApi2Read({
  module: 'ZoneEdit',
  function: 'fetchzone',
  summary: 'Fetch a zone of the account as records, with its serial.',
  source: 'cPanel API 2, "ZoneEdit::fetchzone"',
  feature: 'zoneedit',
  params: { domain: text({ doc: 'The zone.', min: 1, max: 255 }) },
  failures: ['zone-not-found'],
  async run({ stores, account }, { domain }) {
    const { zone, file } = readZone(await loadZoneOf(stores, account.userId, domain))
    const record = file.entries.map((entry) => shownEntry(file, entry))
    return { data: [{ status: 1, statusmsg: 'Zone Serialized', serialnum: String(zone.serial), record }] }
  },
})
