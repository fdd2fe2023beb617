/** All stores on one connection or transaction. */
import type { Kysely } from 'kysely'
import { accountStoreOn } from './account-store.ts'
import { activityStoreOn } from './activity-store.ts'
import { alertStoreOn } from './alert-store.ts'
import { auditStoreOn } from './audit-store.ts'
import { autoSslStoreOn } from './autossl-store.ts'
import { calendarFeedStoreOn } from './calendar-store.ts'
import { certificateStoreOn } from './certificate-store.ts'
import { domainStoreOn } from './domain-store.ts'
import { freezeStoreOn } from './freeze-store.ts'
import { ledgerStoreOn } from './ledger-store.ts'
import { loginLinkStoreOn } from './login-link-store.ts'
import { mailStoreOn } from './mail-store.ts'
import { mysqlStoreOn } from './mysql-store.ts'
import { aclListStoreOn, hostTaskStoreOn, sessionStoreOn } from './other-stores.ts'
import { featureListStoreOn, packageStoreOn } from './package-store.ts'
import { preferenceStoreOn, tokenNoteStoreOn } from './people-stores.ts'
import { protectionStoreOn } from './protection-store.ts'
import { resellerStoreOn } from './reseller-store.ts'
import type { Schema } from './schema.ts'
import { secretStoreOn } from './secret-store.ts'
import { tokenStoreOn } from './token-store.ts'
import { twoFactorStoreOn } from './two-factor-store.ts'
import { zoneStoreOn } from './zone-store.ts'

/** The shape that `functions/` asks for; held together by the compiler where the server joins them. */
export function storesOn(db: Kysely<Schema>) {
  return {
    tokens: tokenStoreOn(db),
    secrets: secretStoreOn(db),
    tokenNotes: tokenNoteStoreOn(db),
    preferences: preferenceStoreOn(db),
    freezes: freezeStoreOn(db),
    ledger: ledgerStoreOn(db),
    accounts: accountStoreOn(db),
    sessions: sessionStoreOn(db),
    aclLists: aclListStoreOn(db),
    audit: auditStoreOn(db),
    hostTasks: hostTaskStoreOn(db),
    activity: activityStoreOn(db),
    alerts: alertStoreOn(db),
    calendarFeeds: calendarFeedStoreOn(db),
    twoFactor: twoFactorStoreOn(db),
    loginLinks: loginLinkStoreOn(db),
    packages: packageStoreOn(db),
    featureLists: featureListStoreOn(db),
    resellers: resellerStoreOn(db),
    domains: domainStoreOn(db),
    certificates: certificateStoreOn(db),
    mail: mailStoreOn(db),
    autoSsl: autoSslStoreOn(db),
    mysql: mysqlStoreOn(db),
    protection: protectionStoreOn(db),
    zones: zoneStoreOn(db),
  }
}
