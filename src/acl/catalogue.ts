/**
 * The catalogue of privileges: WHM's names, labels and groups, with descriptions of our own. The token page, `listacls`, `myprivs`
 * and every check of a privilege name come from here. Which function needs which privilege is decided where the function is
 * defined; `functions` here also names what Postern does not serve, and `basis` says how sure that pairing is.
 */
import { HIGH_GROUPS } from './high-privileges.ts'
import { INITIAL_GROUP } from './initial-privileges.ts'
import { PACKAGE_GROUPS } from './package-privileges.ts'
import type { Privilege } from './privilege.ts'
import { STANDARD_GROUPS } from './standard-privileges.ts'

/** Every privilege, in the order of WHM's privileges page; `all` comes last. */
export const PRIVILEGES: readonly Privilege[] = [
  ...INITIAL_GROUP,
  ...STANDARD_GROUPS,
  ...PACKAGE_GROUPS,
  ...HIGH_GROUPS,
]

/** The wire names, in catalogue order. */
export const PRIVILEGE_NAMES: readonly string[] = PRIVILEGES.map((privilege) => privilege.acl)

/** What a reseller starts with, in catalogue order. WHM, "Edit Reseller Nameservers and Privileges". */
export const INITIAL_PRIVILEGES: readonly string[] = INITIAL_GROUP.map((privilege) => privilege.acl)

/** Names that old panels still send. They are accepted and give nothing, so they are never stored (our choice). */
export const LEGACY_PRIVILEGES: readonly string[] = [
  'frontpage',
  'disallow-shell',
  'mod-subdomains',
  'onlyselfandglobalpkgs',
]

/** Functions that no single privilege opens. Inferred: WHM's reference names no privilege, and none of the catalogue fits. */
export const FUNCTIONS_NEEDING_ALL: readonly string[] = [
  'cphulk_status',
  'enable_cphulk',
  'disable_cphulk',
  'load_cphulk_config',
  'save_cphulk_config',
  'set_cphulk_config_key',
  'read_cphulk_records',
  'create_cphulk_record',
  'batch_create_cphulk_records',
  'delete_cphulk_record',
  'get_cphulk_brutes',
  'get_cphulk_excessive_brutes',
  'get_cphulk_failed_logins',
  'get_cphulk_user_brutes',
  'flush_cphulk_login_history',
  'flush_cphulk_login_history_for_ips',
  'setupreseller',
  'unsetupreseller',
  'listresellers',
  'listacls',
  'saveacllist',
  'setacls',
  'resellerstats',
  'suspendreseller',
  'unsuspendreseller',
  'terminatereseller',
  'setresellerlimits',
  'setresellerpackagelimit',
  'setresellernameservers',
  'setresellermainip',
  'setresellerips',
  'getresellerips',
  'setsiteip',
  'backup_config_get',
  'backup_config_set',
  'backup_date_list',
  'backup_set_list',
  'twofactorauth_enable_policy',
  'twofactorauth_disable_policy',
  'twofactorauth_set_issuer',
  'twofactorauth_get_issuer',
  'twofactorauth_get_user_configs',
  'twofactorauth_get_tfa_config_for_user',
  'twofactorauth_remove_user_config',
  'get_autossl_providers',
  'start_autossl_check_for_all_users',
]

const byName = new Map(PRIVILEGES.map((privilege) => [privilege.acl, privilege]))

/** Finds a privilege by its exact wire name; legacy names are none. */
export function privilegeNamed(name: string): Privilege | undefined {
  return byName.get(name)
}
