import { optional } from '../../whm/params.ts'
import { listAccountsInReach } from '../accounts-in-reach.ts'
import { defineRead } from '../define.ts'
import { oneOf } from './forms.ts'

/** Blocks are KiB. An account that was never measured is measured; of the others `on` takes the last figures. */
export const getDiskUsage = defineRead({
  name: 'get_disk_usage',
  group: 'Accounts',
  summary: 'Tell how much disk space and how many files the accounts that you may act on use.',
  source: 'WHM API 1, "Return cPanel accounts\' disk usage"',
  acl: 'list-accts',
  params: {
    cache_mode: optional(oneOf('on (when absent) takes the figures measured last; off measures now.', ['on', 'off'])),
  },
  failures: ['host-failed'],
  v0: 'none',
  async run({ stores, caller, services: { host } }, { cache_mode = 'on' }) {
    const accounts = await listAccountsInReach(stores, caller)
    const homes = accounts.map(({ home }) => home)
    const known = cache_mode === 'on' ? host.lastUsages(homes) : []
    const missing = homes.filter((_, index) => known[index] === undefined)
    const measured = await host.diskUsages(missing, cache_mode === 'off' ? 'anew' : undefined)
    const byHome = new Map(missing.map((home, index) => [home, measured[index]]))
    return {
      data: {
        accounts: accounts.map((account, index) => {
          const usage = known[index] ?? byHome.get(account.home)
          return {
            user: account.user,
            blocks_used: Math.ceil((usage?.bytes ?? 0) / 1024),
            blocks_limit: account.diskLimitMb === undefined ? null : account.diskLimitMb * 1024,
            inodes_used: usage?.files ?? 0,
            inodes_limit: null,
          }
        }),
      },
    }
  },
})
