import type { Account } from '../../../accounts/account.ts'
import { FEATURE_IDS } from '../../../hosting/features.ts'
import { list, optional, text } from '../../../whm/params.ts'
import type { Context } from '../../context.ts'
import { defineUapiRead, type OnAccount } from '../define.ts'

export const variablesGetUserInformation = defineUapiRead({
  module: 'Variables',
  function: 'get_user_information',
  summary: 'Tell what is known of the account, all or the facts that are named.',
  source: 'UAPI, "Return user information"',
  feature: false,
  params: {
    name: optional(list(text({ doc: 'A fact by its name (name, name-1 …); all when absent.', max: 100 }))),
  },
  failures: [],
  async run(context, { name: wanted }) {
    const facts = await factsOf(context)
    if (wanted === undefined) return { data: facts }
    return { data: Object.fromEntries(Object.entries(facts).filter(([name]) => wanted.includes(name))) }
  },
})

async function factsOf({ account, features, stores, services }: Context & OnAccount) {
  const further = (await stores.domains.listOf(account.userId)).map(({ name }) => name)
  const created = Math.floor(account.createdAt.getTime() / 1000)
  const flag = (name: string, absent: 0 | 1): 0 | 1 =>
    (({ '0': 0, '1': 1 }) as const)[account.limits[name] ?? ''] ?? absent
  return {
    backup_enabled: flag('BACKUP', 0),
    bandwidth_limit: (account.bandwidthLimitMb ?? 0) * 1024 ** 2,
    cgi_enabled: flag('HASCGI', 1),
    contact_email: account.contactEmail.split(',')[0] ?? '',
    contact_email_2: account.contactEmail.split(',')[1] ?? '',
    created,
    created_in_version: services.facts.version,
    database_owner: account.user,
    dead_domains: [],
    demo_mode: 0,
    disk_block_limit: (account.diskLimitMb ?? 0) * 1024,
    dkim_enabled: flag('HASDKIM', 0),
    domain: account.domain,
    domains: further,
    feature: Object.fromEntries(FEATURE_IDS.map((id) => [id, features.has(id) ? 1 : 0])),
    feature_list: account.limits.FEATURELIST ?? 'default',
    gid: account.uid,
    home: services.host.pathOf(account.home),
    home_directory_links: [],
    ip: account.ip,
    lang: account.locale,
    last_modified: created,
    legacy_backup_enabled: 0,
    locale: account.locale,
    mailbox_format: account.limits.MAILBOX_FORMAT ?? 'maildir',
    ...maximumsOf(account),
    mxcheck: Object.fromEntries([account.domain, ...further].map((domain) => [domain, 'local'])),
    owner: account.owner,
    package_extensions: [],
    plan: account.plan,
    shell: account.shell,
    spf_enabled: flag('HASSPF', 1),
    ssl_default_key_type: 'system',
    theme: account.theme,
    uid: account.uid,
    user: account.user,
    utf8_mailbox: 1,
  }
}

const MAXIMUMS = {
  MAXADDON: 'maximum_addon_domains',
  MAXSQL: 'maximum_databases',
  MAX_DEFER_FAIL_PERCENTAGE: 'maximum_defer_fail_percentage',
  MAX_EMAILACCT_QUOTA: 'maximum_email_account_disk_quota',
  MAX_EMAIL_PER_HOUR: 'maximum_emails_per_hour',
  MAXFTP: 'maximum_ftp_accounts',
  MAXPOP: 'maximum_mail_accounts',
  MAXLST: 'maximum_mailing_lists',
  MAXPARK: 'maximum_parked_domains',
  MAXPASSENGERAPPS: 'maximum_passenger_apps',
  MAXSUB: 'maximum_subdomains',
} as const

/** Numbers, or `unlimited`. */
function maximumsOf({ limits }: Account): Readonly<Record<string, number | 'unlimited'>> {
  const value = (limit = 'unlimited') => (limit === 'unlimited' ? limit : Number(limit))
  return Object.fromEntries(Object.entries(MAXIMUMS).map(([limit, name]) => [name, value(limits[limit])]))
}
