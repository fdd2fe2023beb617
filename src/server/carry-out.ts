/** Who does which of the machine's tasks. */
import type { Host, HostTask } from '../hosting/host.ts'
import type { CertificateFiles } from './certificate-files.ts'
import type { MailFiles } from './mail-files.ts'
import type { ZoneFiles } from './zone-files.ts'

/** Homes are the host's; files that are made from the database are made here, where that can be read. */
export function makeCarryOut(
  host: Host,
  certificateFiles: CertificateFiles,
  mailFiles: MailFiles,
  zoneFiles: ZoneFiles,
): (task: HostTask) => Promise<void> {
  return (task) => {
    switch (task.kind) {
      case 'write-certificate':
        return certificateFiles.write(task.site)
      case 'write-mail':
        return mailFiles.write(task.domains)
      case 'write-zone':
        return zoneFiles.write(task.zone)
      default:
        return host.carryOut(task)
    }
  }
}
