import { defineWrite } from '../define.ts'
import { massEdit, massEditParams } from './mass-edit.ts'
import { loadZone } from './zones-in-reach.ts'

export const massEditDnsZone = defineWrite({
  name: 'mass_edit_dns_zone',
  group: 'DNS',
  summary: 'Add, edit and remove records of a DNS zone in one step; all changes are made or none.',
  source: 'WHM API 1, "Mass edit DNS zone"',
  acl: ['edit-dns', 'manage-dns-records'],
  params: massEditParams,
  failures: ['zone-not-found', 'zone-serial-stale', 'zone-edit-refused'],
  v0: 'none',
  audit: ({ zone }) => zone,
  async run(context, values) {
    return { data: await massEdit(context, await loadZone(context.stores, context.caller, values.zone), values) }
  },
})
