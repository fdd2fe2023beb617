/** All functions, by hand and in order of their names: a function that is not here does not exist. */
import { privilegeNamed } from '../acl/catalogue.ts'
import { accountsummary } from './accounts/accountsummary.ts'
import { acctcounts } from './accounts/acctcounts.ts'
import { createacct } from './accounts/createacct.ts'
import { getDiskUsage } from './accounts/get_disk_usage.ts'
import { listPopsFor } from './accounts/list_pops_for.ts'
import { listUsers } from './accounts/list_users.ts'
import { listaccts } from './accounts/listaccts.ts'
import { listsuspended } from './accounts/listsuspended.ts'
import { modifyacct } from './accounts/modifyacct.ts'
import { passwd } from './accounts/passwd.ts'
import { removeacct } from './accounts/removeacct.ts'
import { setsiteip } from './accounts/setsiteip.ts'
import { showbw } from './accounts/showbw.ts'
import { suspendacct } from './accounts/suspendacct.ts'
import { unsuspendacct } from './accounts/unsuspendacct.ts'
import { verifyNewUsername } from './accounts/verify_new_username.ts'
import { posternActivity } from './activity/postern_activity.ts'
import { posternAlertAcknowledge } from './alerts/postern_alert_acknowledge.ts'
import { posternAlertList } from './alerts/postern_alert_list.ts'
import { posternAlertMute } from './alerts/postern_alert_mute.ts'
import { posternAlertSinks } from './alerts/postern_alert_sinks.ts'
import { posternAlertTest } from './alerts/postern_alert_test.ts'
import { posternAlertUnmute } from './alerts/postern_alert_unmute.ts'
import { posternCalendarFeedCreate } from './alerts/postern_calendar_feed_create.ts'
import { posternCalendarFeedRemove } from './alerts/postern_calendar_feed_remove.ts'
import { posternAuditList } from './audit/postern_audit_list.ts'
import { backupConfigGet } from './backups/backup_config_get.ts'
import { backupDateList } from './backups/backup_date_list.ts'
import { backupSetList } from './backups/backup_set_list.ts'
import { posternBackupAccount } from './backups/postern_backup_account.ts'
import { batch } from './batch/batch.ts'
import { privilegesOf, type WhmFunction } from './define.ts'
import { domainuserdata } from './domains/domainuserdata.ts'
import { getDomainInfo } from './domains/get_domain_info.ts'
import { createFeaturelist } from './features/create_featurelist.ts'
import { deleteFeaturelist } from './features/delete_featurelist.ts'
import { getFeaturelistData } from './features/get_featurelist_data.ts'
import { getFeaturelists } from './features/get_featurelists.ts'
import { getfeaturelist } from './features/getfeaturelist.ts'
import { updateFeaturelist } from './features/update_featurelist.ts'
import { posternFreeze } from './freeze/postern_freeze.ts'
import { posternFreezeList } from './freeze/postern_freeze_list.ts'
import { posternThaw } from './freeze/postern_thaw.ts'
import { cpanel, cpanelOfAccount } from './into-accounts/cpanel.ts'
import { uapiCpanel } from './into-accounts/uapi_cpanel.ts'
import { addpkg } from './packages/addpkg.ts'
import { changepackage } from './packages/changepackage.ts'
import { editpkg } from './packages/editpkg.ts'
import { getpkginfo } from './packages/getpkginfo.ts'
import { killpkg } from './packages/killpkg.ts'
import { listpkgs } from './packages/listpkgs.ts'
import { posternPreferencesGet } from './preferences/postern_preferences_get.ts'
import { posternPreferencesSet } from './preferences/postern_preferences_set.ts'
import { posternPrivilegeList } from './privileges/postern_privilege_list.ts'
import { batchCreateCphulkRecords } from './protection/batch_create_cphulk_records.ts'
import { cphulkStatus } from './protection/cphulk_status.ts'
import { createCphulkRecord } from './protection/create_cphulk_record.ts'
import { deleteCphulkRecord } from './protection/delete_cphulk_record.ts'
import { disableCphulk } from './protection/disable_cphulk.ts'
import { enableCphulk } from './protection/enable_cphulk.ts'
import { flushCphulkLoginHistory } from './protection/flush_cphulk_login_history.ts'
import { flushCphulkLoginHistoryForIps } from './protection/flush_cphulk_login_history_for_ips.ts'
import { getCphulkBrutes } from './protection/get_cphulk_brutes.ts'
import { getCphulkExcessiveBrutes } from './protection/get_cphulk_excessive_brutes.ts'
import { getCphulkFailedLogins } from './protection/get_cphulk_failed_logins.ts'
import { getCphulkUserBrutes } from './protection/get_cphulk_user_brutes.ts'
import { loadCphulkConfig } from './protection/load_cphulk_config.ts'
import { readCphulkRecords } from './protection/read_cphulk_records.ts'
import { saveCphulkConfig } from './protection/save_cphulk_config.ts'
import { setCphulkConfigKey } from './protection/set_cphulk_config_key.ts'
import { posternReport } from './report/postern_report.ts'
import { getresellerips } from './resellers/getresellerips.ts'
import { listacls } from './resellers/listacls.ts'
import { listresellers } from './resellers/listresellers.ts'
import { posternResellerList } from './resellers/postern_reseller_list.ts'
import { posternResellerPreview } from './resellers/postern_reseller_preview.ts'
import { resellerstats } from './resellers/resellerstats.ts'
import { saveacllist } from './resellers/saveacllist.ts'
import { setacls } from './resellers/setacls.ts'
import { setresellerips } from './resellers/setresellerips.ts'
import { setresellerlimits } from './resellers/setresellerlimits.ts'
import { setresellermainip } from './resellers/setresellermainip.ts'
import { setresellernameservers } from './resellers/setresellernameservers.ts'
import { setresellerpackagelimit } from './resellers/setresellerpackagelimit.ts'
import { setupreseller } from './resellers/setupreseller.ts'
import { suspendreseller } from './resellers/suspendreseller.ts'
import { terminatereseller } from './resellers/terminatereseller.ts'
import { unsetupreseller } from './resellers/unsetupreseller.ts'
import { unsuspendreseller } from './resellers/unsuspendreseller.ts'
import { applist } from './server/applist.ts'
import { getdiskusage } from './server/getdiskusage.ts'
import { gethostname } from './server/gethostname.ts'
import { loadavg } from './server/loadavg.ts'
import { myprivs } from './server/myprivs.ts'
import { posternDayEnd } from './server/postern_day_end.ts'
import { posternWhoami } from './server/postern_whoami.ts'
import { servicestatus } from './server/servicestatus.ts'
import { systemloadavg } from './server/systemloadavg.ts'
import { version } from './server/version.ts'
import { createUserSession } from './sessions/create_user_session.ts'
import { posternConfirmPassword } from './sessions/postern_confirm_password.ts'
import { posternSessionEnd } from './sessions/postern_session_end.ts'
import { posternSessionEndAll } from './sessions/postern_session_end_all.ts'
import { posternSessionList } from './sessions/postern_session_list.ts'
import { deleteSslVhost } from './ssl/delete_ssl_vhost.ts'
import { fetchSslCertificatesForFqdns } from './ssl/fetch_ssl_certificates_for_fqdns.ts'
import { fetchSslVhosts } from './ssl/fetch_ssl_vhosts.ts'
import { fetchsslinfo } from './ssl/fetchsslinfo.ts'
import { generatessl } from './ssl/generatessl.ts'
import { getAutosslProviders } from './ssl/get_autossl_providers.ts'
import { installssl } from './ssl/installssl.ts'
import { listcrts } from './ssl/listcrts.ts'
import { posternAutosslList } from './ssl/postern_autossl_list.ts'
import { startAutosslCheckForAllUsers } from './ssl/start_autossl_check_for_all_users.ts'
import { startAutosslCheckForOneUser } from './ssl/start_autossl_check_for_one_user.ts'
import { apiTokenCreate } from './tokens/api_token_create.ts'
import { apiTokenGetDetails } from './tokens/api_token_get_details.ts'
import { apiTokenList } from './tokens/api_token_list.ts'
import { apiTokenRevoke } from './tokens/api_token_revoke.ts'
import { apiTokenUpdate } from './tokens/api_token_update.ts'
import { posternIpRulesCheck } from './tokens/postern_ip_rules_check.ts'
import { posternTokenList } from './tokens/postern_token_list.ts'
import { posternTokenPause } from './tokens/postern_token_pause.ts'
import { posternTokenResume } from './tokens/postern_token_resume.ts'
import { posternTokenRevoke } from './tokens/postern_token_revoke.ts'
import { posternTokenRevokeAll } from './tokens/postern_token_revoke_all.ts'
import { posternTokenRevokeSince } from './tokens/postern_token_revoke_since.ts'
import { posternTokenRotate } from './tokens/postern_token_rotate.ts'
import { posternTokenUnrevoke } from './tokens/postern_token_unrevoke.ts'
import { posternTokenUsage } from './tokens/postern_token_usage.ts'
import { posternTwofactorRecoveryCodes } from './two-factor/postern_twofactor_recovery_codes.ts'
import { posternTwofactorRemove } from './two-factor/postern_twofactor_remove.ts'
import { posternTwofactorStatus } from './two-factor/postern_twofactor_status.ts'
import { twofactorauthDisablePolicy } from './two-factor/twofactorauth_disable_policy.ts'
import { twofactorauthEnablePolicy } from './two-factor/twofactorauth_enable_policy.ts'
import { twofactorauthGenerateTfaConfig } from './two-factor/twofactorauth_generate_tfa_config.ts'
import { twofactorauthGetIssuer } from './two-factor/twofactorauth_get_issuer.ts'
import { twofactorauthGetTfaConfigForUser } from './two-factor/twofactorauth_get_tfa_config_for_user.ts'
import { twofactorauthGetUserConfigs } from './two-factor/twofactorauth_get_user_configs.ts'
import { twofactorauthPolicyStatus } from './two-factor/twofactorauth_policy_status.ts'
import { twofactorauthRemoveUserConfig } from './two-factor/twofactorauth_remove_user_config.ts'
import { twofactorauthSetIssuer } from './two-factor/twofactorauth_set_issuer.ts'
import { twofactorauthSetTfaConfig } from './two-factor/twofactorauth_set_tfa_config.ts'
import { adddns } from './zones/adddns.ts'
import { addzonerecord } from './zones/addzonerecord.ts'
import { dumpzone } from './zones/dumpzone.ts'
import { editzonerecord } from './zones/editzonerecord.ts'
import { getzonerecord } from './zones/getzonerecord.ts'
import { killdns } from './zones/killdns.ts'
import { listzones } from './zones/listzones.ts'
import { massEditDnsZone } from './zones/mass_edit_dns_zone.ts'
import { parseDnsZone } from './zones/parse_dns_zone.ts'
import { removezonerecord } from './zones/removezonerecord.ts'
import { resetzone } from './zones/resetzone.ts'

/** Sorted by name. */
export const CATALOGUE: readonly WhmFunction[] = [
  accountsummary,
  acctcounts,
  adddns,
  addpkg,
  addzonerecord,
  apiTokenCreate,
  apiTokenGetDetails,
  apiTokenList,
  apiTokenRevoke,
  apiTokenUpdate,
  applist,
  backupConfigGet,
  backupDateList,
  backupSetList,
  batch,
  batchCreateCphulkRecords,
  changepackage,
  cpanel,
  cphulkStatus,
  createCphulkRecord,
  createFeaturelist,
  createUserSession,
  createacct,
  deleteCphulkRecord,
  deleteFeaturelist,
  deleteSslVhost,
  disableCphulk,
  domainuserdata,
  dumpzone,
  editpkg,
  editzonerecord,
  enableCphulk,
  fetchSslCertificatesForFqdns,
  fetchSslVhosts,
  fetchsslinfo,
  flushCphulkLoginHistory,
  flushCphulkLoginHistoryForIps,
  generatessl,
  getAutosslProviders,
  getCphulkBrutes,
  getCphulkExcessiveBrutes,
  getCphulkFailedLogins,
  getCphulkUserBrutes,
  getDiskUsage,
  getDomainInfo,
  getFeaturelistData,
  getFeaturelists,
  getdiskusage,
  getfeaturelist,
  gethostname,
  getpkginfo,
  getresellerips,
  getzonerecord,
  installssl,
  killdns,
  killpkg,
  listPopsFor,
  listUsers,
  listaccts,
  listacls,
  listcrts,
  listpkgs,
  listresellers,
  listsuspended,
  listzones,
  loadCphulkConfig,
  loadavg,
  massEditDnsZone,
  modifyacct,
  myprivs,
  parseDnsZone,
  passwd,
  posternActivity,
  posternAlertAcknowledge,
  posternAlertList,
  posternAlertMute,
  posternAlertSinks,
  posternAlertTest,
  posternAlertUnmute,
  posternAuditList,
  posternAutosslList,
  posternBackupAccount,
  posternCalendarFeedCreate,
  posternCalendarFeedRemove,
  posternConfirmPassword,
  posternDayEnd,
  posternFreeze,
  posternFreezeList,
  posternIpRulesCheck,
  posternPreferencesGet,
  posternPreferencesSet,
  posternPrivilegeList,
  posternReport,
  posternResellerList,
  posternResellerPreview,
  posternSessionEnd,
  posternSessionEndAll,
  posternSessionList,
  posternThaw,
  posternTokenList,
  posternTokenPause,
  posternTokenResume,
  posternTokenRevoke,
  posternTokenRevokeAll,
  posternTokenRevokeSince,
  posternTokenRotate,
  posternTokenUnrevoke,
  posternTokenUsage,
  posternTwofactorRecoveryCodes,
  posternTwofactorRemove,
  posternTwofactorStatus,
  posternWhoami,
  readCphulkRecords,
  removeacct,
  removezonerecord,
  resellerstats,
  resetzone,
  saveCphulkConfig,
  saveacllist,
  servicestatus,
  setCphulkConfigKey,
  setacls,
  setresellerips,
  setresellerlimits,
  setresellermainip,
  setresellernameservers,
  setresellerpackagelimit,
  setsiteip,
  setupreseller,
  showbw,
  startAutosslCheckForAllUsers,
  startAutosslCheckForOneUser,
  suspendacct,
  suspendreseller,
  systemloadavg,
  terminatereseller,
  twofactorauthDisablePolicy,
  twofactorauthEnablePolicy,
  twofactorauthGenerateTfaConfig,
  twofactorauthGetIssuer,
  twofactorauthGetTfaConfigForUser,
  twofactorauthGetUserConfigs,
  twofactorauthPolicyStatus,
  twofactorauthRemoveUserConfig,
  twofactorauthSetIssuer,
  twofactorauthSetTfaConfig,
  uapiCpanel,
  unsetupreseller,
  unsuspendacct,
  unsuspendreseller,
  updateFeaturelist,
  verifyNewUsername,
  version,
]

/** What the cPanel service serves of this kind: its functions are UAPI's, and those of WHM cannot be called there (documented). */
export const CPANEL_SERVICE_CATALOGUE: readonly WhmFunction[] = [cpanelOfAccount]

/** WHM's names are lower case with underscores (documented). */
const NAME = /^[a-z][a-z0-9_]*$/

/** By name, for the router. Throws at start-up for what could open a function to the wrong callers or hide one behind another. */
export function indexCatalogue(list: readonly WhmFunction[]): ReadonlyMap<string, WhmFunction> {
  const byName = new Map<string, WhmFunction>()
  for (const definition of list) {
    const { name, acl } = definition
    if (!NAME.test(name)) throw new Error(`the function name “${name}” is not lower case`)
    if (byName.has(name)) throw new Error(`there are two functions named ${name}`)
    const privileges = privilegesOf(definition)
    // Only a literal `false` opens a function to every caller; an empty list would do so by accident.
    if (acl !== false && privileges.length === 0) throw new Error(`${name} names no privilege`)
    for (const privilege of privileges) {
      if (privilegeNamed(privilege) === undefined)
        throw new Error(`${name} needs “${privilege}”, which is no privilege`)
    }
    byName.set(name, definition)
  }
  return byName
}
