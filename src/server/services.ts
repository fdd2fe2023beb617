/** What functions find on this server besides the stores. */
import { loadavg } from 'node:os'
import type { PasswordHasher } from '../accounts/passwords.ts'
import type { Service } from '../accounts/sessions.ts'
import type { AlertBatch } from '../alerts/batch.ts'
import type { AuditBatch } from '../audit/batch.ts'
import type { Settings } from '../config/schema.ts'
import type { Services } from '../functions/context.ts'
import { makeEmbeddedHost } from '../hosting/hosts/embedded.ts'
import type { MysqlServer } from '../hosting/mysql.ts'
import type { DataFolder } from '../storage/data-folder.ts'
import type { Storage } from '../storage/database.ts'
import { outboxOn } from '../storage/outbox.ts'
import type { UsageLedger } from '../usage/ledger.ts'
import { sinkNames } from './alert-sinks.ts'
import { autoSslService } from './autossl/autossl.ts'
import type { DiskRounds } from './disk-rounds.ts'
import { makeLookUp } from './look-up.ts'
import type { Protection } from './protection.ts'

// `version` tells clients which WHM's API to expect; Postern's own version is in `postern --version`.
const SPOKEN_WHM_VERSION = '11.138.0.6'

type Parts = {
  readonly passwords: PasswordHasher
  /** Undefined: none is configured. */
  readonly mysql: MysqlServer | undefined
  readonly trail: AuditBatch
  readonly alerts: AlertBatch
  readonly ledger: UsageLedger
  readonly protection: Protection
  readonly onMeasured: DiskRounds['onMeasured']
  /** Filled as services open. */
  readonly origins: ReadonlyMap<Service, string>
  wakeAutoSsl(): void
}

export function makeServices(settings: Settings, folder: DataFolder, storage: Storage, parts: Parts): Services {
  const { trail, alerts, ledger, protection, origins } = parts
  return {
    facts: {
      version: SPOKEN_WHM_VERSION,
      hostname: settings.hostname,
      nameservers: settings.nameservers,
      accountIp: settings.accountIp,
      zoneContact: settings.zoneContact,
      timezone: settings.timezone,
      dedicatedIps: settings.dedicatedIps,
      expiresSoonSeconds: settings.expiresSoonDays * 86_400,
      tokenUpdateOmission: settings.tokenUpdateOmission,
    },
    passwords: parts.passwords,
    peppers: folder.pepper,
    host: makeEmbeddedHost(folder.path, parts.onMeasured),
    mysql: parts.mysql,
    protection: {
      flush: () => protection.guard.flush(),
      reload: () => protection.guard.reload(),
      forgetUnknownUsers: () => protection.guard.forgetUnknownUsers(),
      beginPassword: (caller) => protection.beginPassword(caller),
      refuseBanned: (caller, at) => protection.refuseBanned(caller, at),
      missedLookUp: (caller, isWellFormed, at) => protection.missedLookUp(caller, isWellFormed, at),
    },
    // The trail can be read also while nothing can be added to it; what waits comes later then.
    flushTrail: () => trail.flush().catch(() => {}),
    catchUpTrail: () => trail.catchUp(),
    flushUsage: () => ledger.flush().catch(() => {}),
    flushAlerts: () => alerts.flush().catch(() => {}),
    originOf: (service) => origins.get(service),
    alertSinks: async () => (await outboxOn(storage).states()).filter(({ name }) => sinkNames(settings).includes(name)),
    autoSsl: autoSslService(settings, parts.wakeAutoSsl),
    lookUpDomain: makeLookUp([settings.accountIp, ...settings.dedicatedIps]),
    loadAverages: () => loadavg() as [number, number, number],
  }
}
