import { zoneFileName } from '../../hosting/zones/zone.ts'
import { defineRead } from '../define.ts'

export const listzones = defineRead({
  name: 'listzones',
  group: 'DNS',
  summary: 'List the DNS zones that you may act on, with the names of their files.',
  source: 'WHM API 1, "Return DNS zones"',
  acl: 'edit-dns',
  params: {},
  failures: [],
  v0: 'plain',
  async run({ stores, caller }) {
    if (caller.kind === 'account') return { data: { zone: [] } }
    const zones = await stores.zones.listInReach(caller.kind === 'root' ? undefined : caller.userId)
    return { data: { zone: zones.map(({ name }) => ({ domain: name, zonefile: zoneFileName(name) })) } }
  },
})
