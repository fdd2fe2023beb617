import { defineRead } from '../define.ts'

/** Postern makes archives when it is told to, and by no timetable of its own; that is what this says. */
export const backupConfigGet = defineRead({
  name: 'backup_config_get',
  group: 'Backups',
  summary: 'Tell how and where archives of accounts are made.',
  source: 'WHM API 1, "Return backup configuration"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  run: ({ services }) => ({
    data: {
      backup_config: {
        backup_daily_enable: 0,
        backup_daily_retention: 0,
        backup_monthly_dates: '',
        backup_monthly_enable: 0,
        backup_monthly_retention: 0,
        backup_weekly_day: 0,
        backup_weekly_enable: 0,
        backup_weekly_retention: 0,
        backupaccts: 1,
        backupdays: '',
        backupdir: services.host.archiveFolder,
        backupenable: 0,
        backuptype: 'compressed',
        keeplocal: 1,
      },
    },
  }),
})
