import { Failure } from '../../failures.ts'
import { optional, text } from '../../whm/params.ts'
import { userName } from '../accounts/forms.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import { defineWrite } from '../define.ts'
import { resetZone } from './reset-zone.ts'
import { loadZone } from './zones-in-reach.ts'

export const resetzone = defineWrite({
  name: 'resetzone',
  group: 'DNS',
  summary: 'Make a DNS zone anew from its template; its TXT records stay.',
  source: 'WHM API 1, "Reset DNS zone"',
  acl: 'edit-dns',
  params: {
    domain: optional(text({ doc: 'The zone. This or `zone` is required.', min: 1, max: 255, aliases: ['zone'] })),
    user: optional(userName({ doc: 'The account that it must belong to.' })),
  },
  failures: ['argument-missing', 'account-not-found', 'zone-not-found', 'zone-edit-refused', 'zone-serial-stale'],
  v0: 'result',
  audit: ({ domain }) => domain ?? '',
  async run(context, { domain, user }) {
    const { stores, caller } = context
    if (domain === undefined) throw new Failure('argument-missing', { argument: 'domain' })
    const account = user === undefined ? undefined : await loadAccount(stores, caller, user)
    const zone = await loadZone(stores, caller, domain)
    if (account !== undefined && account.userId !== zone.ownerId) throw new Failure('zone-not-found', { zone: domain })
    const serial = await resetZone(context, zone)
    return { data: {}, reason: `Saved the zone ${zone.name} with the serial ${serial}` }
  },
})
