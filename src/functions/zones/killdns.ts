import { text } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { removeZone } from './account-zones.ts'
import { loadZone } from './zones-in-reach.ts'

export const killdns = defineWrite({
  name: 'killdns',
  group: 'DNS',
  summary: 'Remove a DNS zone for good.',
  source: 'WHM API 1, "Delete DNS zone"',
  acl: 'kill-dns',
  params: { domain: text({ doc: 'The name of the zone.', min: 1, max: 255, aliases: ['zone'] }) },
  failures: ['zone-not-found'],
  v0: 'result',
  audit: ({ domain }) => domain,
  async run(context, { domain }) {
    const { name } = await loadZone(context.stores, context.caller, domain)
    await removeZone(context, name)
    return { data: {}, reason: 'Zones Removed', raw: `Removed the zone ${name}` }
  },
})
