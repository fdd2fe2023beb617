import { flag, optional, text, type Values } from '../../../whm/params.ts'
import { readZone } from '../../zones/change-zone.ts'
import { shownEntry } from '../../zones/single-records.ts'
import { loadZoneOf } from '../../zones/zones-in-reach.ts'
import { defineApi2Read } from '../define.ts'

const equal = (key: string) => optional(text({ doc: `Only lines whose \`${key}\` is this.`, max: 70_000 }))

/** What lines can be chosen by, each by its own key (observed). */
const filters = {
  name: equal('name'),
  type: equal('type'),
  class: equal('class'),
  ttl: equal('ttl'),
  line: equal('line'),
  address: equal('address'),
  cname: equal('cname'),
  txtdata: equal('txtdata'),
  exchange: equal('exchange'),
  preference: equal('preference'),
}

/** Of the account's own making: what a zone editor lists. */
const CUSTOM_TYPES = new Set<unknown>(['A', 'AAAA', 'CNAME', 'TXT'])

export const zoneEditFetchzoneRecords = defineApi2Read({
  module: 'ZoneEdit',
  function: 'fetchzone_records',
  summary: 'Fetch a zone of the account as records, with the line of each.',
  source: 'cPanel API 2, "ZoneEdit::fetchzone_records"; filters as clients send them (observed)',
  feature: 'zoneedit',
  params: {
    domain: text({ doc: 'The zone.', min: 1, max: 255 }),
    customonly: optional(flag({ doc: '1 leaves out what is neither an address, an alias nor a text.' })),
    ...filters,
  },
  failures: ['zone-not-found'],
  async run({ stores, account }, { domain, customonly, ...wanted }) {
    const { file } = readZone(await loadZoneOf(stores, account.userId, domain))
    const lines = file.entries.map((entry) => withOldKeys(shownEntry(file, entry)))
    return { data: lines.filter((one) => (!customonly || CUSTOM_TYPES.has(one.type)) && fits(one, wanted)) }
  },
})

type Shown = Readonly<Record<string, string | number>>

/** `line` beside `Line`, and `record` for whatever the record leads to (documented). */
function withOldKeys(shown: Shown): Shown {
  const record = shown.address ?? shown.cname ?? shown.txtdata ?? shown.raw
  return { ...shown, line: shown.Line ?? 0, ...(record !== undefined && { record }) }
}

function fits(shown: Shown, wanted: Values<typeof filters>): boolean {
  return Object.entries(wanted).every(([key, value]) => value === undefined || String(shown[key] ?? '') === value)
}
