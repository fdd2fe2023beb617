/** Who does which of the machine's tasks. */
import type { Host, HostTask, MysqlTask } from '../hosting/host.ts'
import type { CertificateFiles } from './certificate-files.ts'
import type { MailFiles } from './mail-files.ts'
import type { ZoneFiles } from './zone-files.ts'

/** Homes are the host's; what is made from the database is made here, where that can be read. */
export function makeCarryOut(
  host: Host,
  certificateFiles: CertificateFiles,
  mailFiles: MailFiles,
  zoneFiles: ZoneFiles,
  carryOutMysql: (task: MysqlTask) => Promise<void>,
): (task: HostTask) => Promise<void> {
  return (task) => {
    switch (task.kind) {
      case 'write-certificate':
        return certificateFiles.write(task.site)
      case 'write-mail':
        return mailFiles.write(task.domains)
      case 'write-zone':
        return zoneFiles.write(task.zone)
      case 'mysql-database':
      case 'mysql-user':
        return carryOutMysql(task)
      default:
        return host.carryOut(task)
    }
  }
}
