import { defineApi2Read } from '../define.ts'

export const zoneEditFetchzones = defineApi2Read({
  module: 'ZoneEdit',
  function: 'fetchzones',
  summary: 'Fetch the text of every zone of the account, line by line.',
  source: 'cPanel API 2, "ZoneEdit::fetchzones"; keys as clients read them (observed)',
  feature: 'zoneedit',
  params: {},
  failures: [],
  async run({ account, stores }) {
    const zones = await stores.zones.listOf(account.userId)
    const lines = zones.map(({ name, text }) => [name, text.replace(/\n$/, '').split('\n')] as const)
    return { data: [{ status: 1, statusmsg: 'Zones fetched', zones: Object.fromEntries(lines) }] }
  },
})
