import { defineRead } from '../define.ts'

export const backupDateList = defineRead({
  name: 'backup_date_list',
  group: 'Backups',
  summary: 'List the days of which there are archives of accounts.',
  source: 'WHM API 1, "Return backup dates"',
  acl: 'all',
  params: {},
  failures: ['host-failed'],
  v0: 'none',
  async run({ services }) {
    const archives = await services.host.listArchives()
    return { data: { backup_set: [...new Set(archives.map(({ date }) => date))].sort() } }
  },
})
