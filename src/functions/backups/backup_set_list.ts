import { defineRead } from '../define.ts'

/** Archives of accounts that were removed are listed too: they are what such accounts can be brought back from. */
export const backupSetList = defineRead({
  name: 'backup_set_list',
  group: 'Backups',
  summary: 'List for each account the days of which there are archives.',
  source: 'WHM API 1, "Return backup sets"',
  acl: 'all',
  params: {},
  failures: ['host-failed'],
  v0: 'none',
  async run({ services }) {
    const byUser = Map.groupBy(await services.host.listArchives(), ({ home }) => home)
    const sets = [...byUser].map(([user, archives]) => [user, { backup_date: archives.map(({ date }) => date).sort() }])
    return { data: { backup_set: Object.fromEntries(sets.sort()) } }
  },
})
