/** The rows that UAPI's stats bar can have. */
import { Failure } from '../../../failures.ts'
import type { MysqlServer } from '../../../hosting/mysql.ts'
import type { Context } from '../../context.ts'
import type { OnAccount } from '../define.ts'

/** Something that is counted, with its limit where there is one, or a fact. */
export type Stat = { readonly item: string; readonly module: string; readonly feature?: string } & (
  | {
      readonly count: number
      readonly max: number | undefined
      readonly units: string
      text(value: number): string
    }
  | { readonly value: string }
)

const MIB = 1024 ** 2

/** `wanted`: the rows that are asked for; what takes a question to another server is left out without it. */
export async function statsOf(
  { account, stores, services }: Context & OnAccount,
  wanted: readonly string[],
): Promise<Readonly<Record<string, Stat>>> {
  const { bytes, files } = await services.host.diskUsage(account.home)
  const { facts } = services
  const domains = await stores.domains.listOf(account.userId)
  const ofType = (type: string): number => domains.filter((domain) => domain.type === type).length
  const maximum = (name: string): number | undefined => {
    const limit = account.limits[name] ?? 'unlimited'
    return limit === 'unlimited' ? undefined : Number(limit)
  }
  const counted = (item: string, module: string, feature: string, count: number, limit: string): Stat => ({
    item,
    module,
    feature,
    count,
    max: maximum(limit),
    units: '',
    text: String,
  })
  const fact = (item: string, value: string): Stat => ({ item, module: 'StatsBar', value })
  const databases = services.mysql === undefined ? undefined : await stores.mysql.databasesOf(account.userId)
  const databasesUsed = databases && counted('Databases', 'Mysql', 'mysql', databases.length, 'MAXSQL')
  const isShared = !facts.dedicatedIps.includes(account.ip)
  return {
    diskusage: {
      item: 'Disk Usage',
      module: 'Quota',
      feature: 'diskusage',
      count: Math.round((100 * bytes) / MIB) / 100,
      max: account.diskLimitMb,
      units: 'MB',
      text: (value) => `${value} MB`,
    },
    fileusage: { item: 'File Usage', module: 'Quota', count: files, max: undefined, units: '', text: String },
    bandwidthusage: {
      item: 'Monthly Bandwidth Transfer',
      module: 'Stats',
      feature: 'bandwidth',
      count: 0,
      max: account.bandwidthLimitMb,
      units: 'MB',
      text: (value) => `${value} MB`,
    },
    addondomains: counted('Addon Domains', 'AddonDomain', 'addondomains', ofType('addon_domain'), 'MAXADDON'),
    subdomains: counted('Subdomains', 'SubDomain', 'subdomains', ofType('sub_domain'), 'MAXSUB'),
    parkeddomains: counted('Alias Domains', 'Park', 'parkeddomains', ofType('parked_domain'), 'MAXPARK'),
    emailaccounts: counted(
      'Email Accounts',
      'Email',
      'popaccts',
      await stores.mail.countMailboxes(account.userId),
      'MAXPOP',
    ),
    emailforwarders: {
      item: 'Forwarders',
      module: 'Email',
      feature: 'forwarders',
      count: await stores.mail.countForwarders(account.userId),
      max: undefined,
      units: '',
      text: String,
    },
    ...(databasesUsed && { mysqldatabases: databasesUsed, sqldatabases: databasesUsed }),
    ...(databases && services.mysql && (await askedOf(services.mysql, databases, wanted))),
    hostname: fact('Server Name', facts.hostname),
    shorthostname: fact('Server Name', facts.hostname.split('.', 1)[0] ?? ''),
    hostingpackage: fact('Hosting Package', account.plan),
    ...(isShared ? { sharedip: fact('Shared IP Address', account.ip) } : {}),
    ...(isShared ? {} : { dedicatedip: fact('Dedicated IP Address', account.ip) }),
    localip: fact('Local IP Address', account.ip),
    cpanelversion: fact('cPanel Version', facts.version),
    theme: fact('Theme', account.theme),
    operatingsystem: fact('Operating System', process.platform),
    machinetype: fact('Architecture', process.arch),
  }
}

/** The rows that the database server is asked for; while it cannot be reached there are none, and the others are told all the same. */
async function askedOf(server: MysqlServer, databases: readonly string[], wanted: readonly string[]) {
  try {
    return await askedRows(server, databases, wanted)
  } catch (error) {
    if (error instanceof Failure && error.code === 'mysql-unavailable') return {}
    throw error
  }
}

async function askedRows(
  server: MysqlServer,
  databases: readonly string[],
  wanted: readonly string[],
): Promise<Readonly<Record<string, Stat>>> {
  const rows: Record<string, Stat> = {}
  if (wanted.includes('mysqldiskusage')) {
    const bytes = [...(await server.sizesOf(databases)).values()].reduce((sum, size) => sum + size, 0)
    rows.mysqldiskusage = {
      item: 'Database Disk Usage',
      module: 'Mysql',
      feature: 'mysql',
      count: Math.round((100 * bytes) / MIB) / 100,
      max: undefined,
      units: 'MB',
      text: (value) => `${value} MB`,
    }
  }
  if (wanted.includes('mysqlversion'))
    rows.mysqlversion = { item: 'Database Server Version', module: 'Mysql', value: await server.version() }
  return rows
}
