/** All UAPI functions, by hand and in order of their names: a function that is not here does not exist. */

import { domainInfoDomainsData } from './DomainInfo/domains_data.ts'
import { domainInfoListDomains } from './DomainInfo/list_domains.ts'
import { domainInfoSingleDomainData } from './DomainInfo/single_domain_data.ts'
import type { UapiFunction } from './define.ts'
import { featuresListFeatures } from './Features/list_features.ts'
import { quotaGetQuotaInfo } from './Quota/get_quota_info.ts'
import { statsBarGetStats } from './StatsBar/get_stats.ts'
import { subDomainAddsubdomain } from './SubDomain/addsubdomain.ts'
import { tokensCreateFullAccess } from './Tokens/create_full_access.ts'
import { tokensList } from './Tokens/list.ts'
import { tokensRename } from './Tokens/rename.ts'
import { tokensRevoke } from './Tokens/revoke.ts'
import { variablesGetUserInformation } from './Variables/get_user_information.ts'

/** Sorted by name. */
export const UAPI_CATALOGUE: readonly UapiFunction[] = [
  domainInfoDomainsData,
  domainInfoListDomains,
  domainInfoSingleDomainData,
  featuresListFeatures,
  quotaGetQuotaInfo,
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

/** By `Module::function`, for the router, and the modules there are. */
export type UapiIndex = {
  readonly byName: ReadonlyMap<string, UapiFunction>
  readonly modules: ReadonlySet<string>
}

/** Throws at start-up for a name that no request could spell, and for doubles. */
export function indexUapi(list: readonly UapiFunction[]): UapiIndex {
  const byName = new Map<string, UapiFunction>()
  for (const definition of list) {
    const { name } = definition
    if (!MODULE.test(definition.module) || !FUNCTION.test(definition.function))
      throw new Error(`“${name}” is no name of a UAPI function`)
    if (definition.feature === '') throw new Error(`${name} names no feature`)
    if (byName.has(name)) throw new Error(`there are two functions named ${name}`)
    byName.set(name, definition)
  }
  return { byName, modules: new Set(list.map(({ module }) => module)) }
}
