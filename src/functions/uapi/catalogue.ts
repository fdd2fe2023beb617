/** All UAPI functions, by hand and in order of their names: a function that is not here does not exist. */
import { Failure } from '../../failures.ts'
import { maskSecrets } from '../../whm/mask.ts'
import type { Api2Function } from '../api2/define.ts'
import type { UapiName } from './admit.ts'
import { batchStrict } from './Batch/strict.ts'
import { dnsLookup } from './DNS/lookup.ts'
import { dnsMassEditZone } from './DNS/mass_edit_zone.ts'
import { dnsParseZone } from './DNS/parse_zone.ts'
import { domainInfoDomainsData } from './DomainInfo/domains_data.ts'
import { domainInfoListDomains } from './DomainInfo/list_domains.ts'
import { domainInfoSingleDomainData } from './DomainInfo/single_domain_data.ts'
import type { UapiFunction } from './define.ts'
import { emailAddForwarder } from './Email/add_forwarder.ts'
import { emailAddPop } from './Email/add_pop.ts'
import { emailDeleteForwarder } from './Email/delete_forwarder.ts'
import { emailDeletePop } from './Email/delete_pop.ts'
import { emailEditPopQuota } from './Email/edit_pop_quota.ts'
import { emailGetPopQuota } from './Email/get_pop_quota.ts'
import { emailListForwarders } from './Email/list_forwarders.ts'
import { emailListMailDomains } from './Email/list_mail_domains.ts'
import { emailListPops } from './Email/list_pops.ts'
import { emailListPopsWithDisk } from './Email/list_pops_with_disk.ts'
import { emailPasswdPop } from './Email/passwd_pop.ts'
import { emailSuspendIncoming } from './Email/suspend_incoming.ts'
import { emailSuspendLogin } from './Email/suspend_login.ts'
import { emailSuspendOutgoing } from './Email/suspend_outgoing.ts'
import { emailUnsuspendIncoming } from './Email/unsuspend_incoming.ts'
import { emailUnsuspendLogin } from './Email/unsuspend_login.ts'
import { emailUnsuspendOutgoing } from './Email/unsuspend_outgoing.ts'
import { featuresListFeatures } from './Features/list_features.ts'
import { mysqlCreateDatabase } from './Mysql/create_database.ts'
import { mysqlCreateUser } from './Mysql/create_user.ts'
import { mysqlDeleteDatabase } from './Mysql/delete_database.ts'
import { mysqlDeleteUser } from './Mysql/delete_user.ts'
import { mysqlGetRestrictions } from './Mysql/get_restrictions.ts'
import { mysqlListDatabases } from './Mysql/list_databases.ts'
import { mysqlListUsers } from './Mysql/list_users.ts'
import { mysqlRevokeAccessToDatabase } from './Mysql/revoke_access_to_database.ts'
import { mysqlSetPassword } from './Mysql/set_password.ts'
import { mysqlSetPrivilegesOnDatabase } from './Mysql/set_privileges_on_database.ts'
import { quotaGetQuotaInfo } from './Quota/get_quota_info.ts'
import { sslDeleteCert } from './SSL/delete_cert.ts'
import { sslDeleteKey } from './SSL/delete_key.ts'
import { sslDeleteSsl } from './SSL/delete_ssl.ts'
import { sslGenerateCsr } from './SSL/generate_csr.ts'
import { sslGenerateKey } from './SSL/generate_key.ts'
import { sslInstallSsl } from './SSL/install_ssl.ts'
import { sslInstalledHosts } from './SSL/installed_hosts.ts'
import { sslListCerts } from './SSL/list_certs.ts'
import { sslListKeys } from './SSL/list_keys.ts'
import { statsBarGetStats } from './StatsBar/get_stats.ts'
import { subDomainAddsubdomain } from './SubDomain/addsubdomain.ts'
import { tokensCreateFullAccess } from './Tokens/create_full_access.ts'
import { tokensList } from './Tokens/list.ts'
import { tokensRename } from './Tokens/rename.ts'
import { tokensRevoke } from './Tokens/revoke.ts'
import { variablesGetUserInformation } from './Variables/get_user_information.ts'

/** Sorted by name. */
export const UAPI_CATALOGUE: readonly UapiFunction[] = [
  batchStrict,
  dnsLookup,
  dnsMassEditZone,
  dnsParseZone,
  domainInfoDomainsData,
  domainInfoListDomains,
  domainInfoSingleDomainData,
  emailAddForwarder,
  emailAddPop,
  emailDeleteForwarder,
  emailDeletePop,
  emailEditPopQuota,
  emailGetPopQuota,
  emailListForwarders,
  emailListMailDomains,
  emailListPops,
  emailListPopsWithDisk,
  emailPasswdPop,
  emailSuspendIncoming,
  emailSuspendLogin,
  emailSuspendOutgoing,
  emailUnsuspendIncoming,
  emailUnsuspendLogin,
  emailUnsuspendOutgoing,
  featuresListFeatures,
  mysqlCreateDatabase,
  mysqlCreateUser,
  mysqlDeleteDatabase,
  mysqlDeleteUser,
  mysqlGetRestrictions,
  mysqlListDatabases,
  mysqlListUsers,
  mysqlRevokeAccessToDatabase,
  mysqlSetPassword,
  mysqlSetPrivilegesOnDatabase,
  quotaGetQuotaInfo,
  sslDeleteCert,
  sslDeleteKey,
  sslDeleteSsl,
  sslGenerateCsr,
  sslGenerateKey,
  sslInstallSsl,
  sslInstalledHosts,
  sslListCerts,
  sslListKeys,
  statsBarGetStats,
  subDomainAddsubdomain,
  tokensCreateFullAccess,
  tokensList,
  tokensRename,
  tokensRevoke,
  variablesGetUserInformation,
]

const MODULE = /^[A-Z][A-Za-z0-9]*$/
const FUNCTION = /^[a-z][A-Za-z0-9_]*$/

/** By `Module::function`, for the router. */
export type UapiIndex<F extends UapiFunction = UapiFunction> = {
  readonly byName: ReadonlyMap<string, F>
  /** Why there is no such function, in the words of the interface. */
  whyMissing(asked: UapiName): Failure
}

/** UAPI's functions. Throws at start-up for a name that no request could spell, and for doubles. */
export function indexUapi(list: readonly UapiFunction[]): UapiIndex {
  const modules = new Set(list.map(({ module }) => module))
  return {
    byName: indexByName(list),
    whyMissing: (asked) => {
      const [module, name] = [maskSecrets(asked.module), maskSecrets(asked.function)]
      if (!modules.has(asked.module)) return new Failure('uapi-module-unknown', { module })
      return new Failure('uapi-function-unknown', { module, function: name })
    },
  }
}

/** API 2's functions, described in the same way; it has words of its own for one that does not exist. */
export function indexApi2(list: readonly Api2Function[]): UapiIndex<Api2Function> {
  return {
    byName: indexByName(list),
    whyMissing: (asked) =>
      new Failure('api2-function-unknown', {
        module: maskSecrets(asked.module),
        function: maskSecrets(asked.function),
      }),
  }
}

function indexByName<F extends UapiFunction>(list: readonly F[]): ReadonlyMap<string, F> {
  const byName = new Map<string, F>()
  for (const definition of list) {
    const { name } = definition
    if (!MODULE.test(definition.module) || !FUNCTION.test(definition.function))
      throw new Error(`“${name}” is no name of a UAPI function`)
    if (definition.feature === '') throw new Error(`${name} names no feature`)
    if (byName.has(name)) throw new Error(`there are two functions named ${name}`)
    byName.set(name, definition)
  }
  return byName
}
