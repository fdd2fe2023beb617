/** The domains of accounts as WHM and UAPI show them. No I/O. */
import type { Account } from '../../accounts/account.ts'
import type { Domain } from '../../hosting/domains.ts'
import type { Host } from '../../hosting/host.ts'

/** Where the pages of a main domain lie, inside the account's folder. */
const MAIN_DOCUMENT_ROOT = 'public_html'

/** One of an account's domains, the main one among them. */
export type Site = {
  readonly account: Account
  readonly name: string
  readonly type: 'main_domain' | Domain['type']
  readonly parent: string
  readonly documentRoot: string
}

/** The main domain first, then the others in order of their names. */
export function sitesOf(account: Account, further: readonly Domain[]): readonly Site[] {
  const main: Site = {
    account,
    name: account.domain,
    type: 'main_domain',
    parent: '',
    documentRoot: MAIN_DOCUMENT_ROOT,
  }
  const others = further.map(({ name, type, parent, documentRoot }) => ({ account, name, type, parent, documentRoot }))
  return [main, ...others]
}

/** Labels before a domain that lead to the same site. */
export const ALIASES = ['www', 'mail']

/** WHM domainuserdata and UAPI DomainInfo: what a web server would be told of the domain. */
export function siteFacts({ account, name, documentRoot }: Site, host: Host) {
  const home = host.pathOf(account.home)
  return {
    documentroot: host.pathOf(account.home, documentRoot),
    group: account.user,
    hascgi: account.limits.HASCGI === '0' ? 0 : 1,
    homedir: home,
    ip: account.ip,
    owner: account.owner,
    phpopenbasedirprotect: 1,
    port: '80',
    scriptalias: [{ path: `${host.pathOf(account.home, documentRoot)}/cgi-bin`, url: '/cgi-bin/' }],
    serveradmin: `webmaster@${name}`,
    serveralias: ALIASES.map((alias) => `${alias}.${name}`).join(' '),
    servername: name,
    usecanonicalname: 'Off',
    user: account.user,
    userdirprotect: '',
    customlog: [{ format: 'combined', target: `${home}/logs/${name}` }],
  }
}

const TYPES_IN_WHM = { main_domain: 'main', sub_domain: 'sub', addon_domain: 'addon', parked_domain: 'parked' } as const

/** One entry of WHM's get_domain_info. */
export function domainInfo({ account, name, type, parent, documentRoot }: Site, host: Host) {
  return {
    docroot: host.pathOf(account.home, documentRoot),
    domain: name,
    domain_type: TYPES_IN_WHM[type],
    ipv4: account.ip,
    ipv4_ssl: account.ip,
    ipv6: null,
    ipv6_is_dedicated: 0,
    parent_domain: parent === '' ? name : parent,
    php_version: null,
    port: '80',
    port_ssl: '443',
    user: account.user,
    user_owner: account.owner,
  }
}
