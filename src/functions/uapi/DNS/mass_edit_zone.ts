import { massEdit, massEditParams } from '../../zones/mass-edit.ts'
import { loadZoneOf } from '../../zones/zones-in-reach.ts'
import { defineUapiWrite } from '../define.ts'

export const dnsMassEditZone = defineUapiWrite({
  module: 'DNS',
  function: 'mass_edit_zone',
  summary: 'Add, edit and remove records of a zone of the account in one step; all changes are made or none.',
  source: 'UAPI, "Mass edit DNS zone"',
  feature: 'zoneedit',
  params: massEditParams,
  failures: ['zone-not-found', 'zone-serial-stale', 'zone-edit-refused'],
  audit: ({ zone }) => zone,
  async run(context, values) {
    return {
      data: await massEdit(context, await loadZoneOf(context.stores, context.account.userId, values.zone), values),
    }
  },
})
