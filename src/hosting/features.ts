/**
 * Features: what an account may use, by the names of WHM's feature lists. A list says for each feature whether it is on; what a list
 * does not name is on, so that a feature that comes later reaches the accounts that exist. `default` is the list of accounts that name
 * none; what `disabled` holds is off for everybody, whatever their list says. No I/O.
 */

/** The features by id, each with the label that pages show. */
export const FEATURES: Readonly<Record<string, string>> = {
  addondomains: 'Addon Domains',
  apitokens: 'API Tokens',
  autoresponders: 'Autoresponders',
  backup: 'Backups',
  bandwidth: 'Bandwidth Usage',
  blockers: 'Mail Filters for the Account',
  changemx: 'Mail Routing',
  changestyle: 'Change Style',
  contactemail: 'Contact Information',
  cron: 'Scheduled Tasks',
  defaultaddress: 'Default Address',
  diskusage: 'Disk Usage',
  dnssec: 'DNSSEC',
  dynamicdns: 'Dynamic DNS',
  email_trace: 'Track Delivery',
  emailauth: 'Email Deliverability',
  emaildomainfwd: 'Forward a Whole Domain',
  errlog: 'Error Log',
  filemanager: 'File Manager',
  forwarders: 'Forwarders',
  ftpaccts: 'FTP Accounts',
  hotlink: 'Hotlink Protection',
  ipdeny: 'Block Addresses',
  lists: 'Mailing Lists',
  multiphp: 'PHP Versions',
  mysql: 'Databases',
  parkeddomains: 'Aliases',
  password: 'Change Password',
  popaccts: 'Email Accounts',
  postgres: 'PostgreSQL Databases',
  redirects: 'Redirects',
  setlang: 'Change Language',
  spamassassin: 'Spam Filter',
  ssh: 'Shell Access',
  sslinstall: 'Install Certificates',
  sslmanager: 'Manage Certificates',
  subdomains: 'Subdomains',
  twofactorauth: 'Two-Factor Authentication',
  userfilters: 'Mail Filters for a Mailbox',
  webdisk: 'Web Disk',
  webmail: 'Webmail',
  webprotect: 'Protected Folders',
  zoneedit: 'Zone Editor',
}

export const FEATURE_IDS: readonly string[] = Object.keys(FEATURES)

/** The list of accounts whose package names none. */
export const DEFAULT_LIST = 'default'
/** What is on in this list is off for every account. */
export const DISABLED_LIST = 'disabled'
const BUILT_IN_LISTS: readonly string[] = [DEFAULT_LIST, DISABLED_LIST]

export type FeatureList = {
  readonly name: string
  /** The reseller whom it belongs to; undefined for root's lists. */
  readonly ownerId: number | undefined
  /** By feature; what is absent is on, but in `disabled`, where it is off. */
  readonly features: Readonly<Record<string, boolean>>
}

/** Where feature lists are kept. */
export type FeatureListStore = {
  /** In order of their names. */
  list(): Promise<readonly FeatureList[]>
  find(name: string): Promise<FeatureList | undefined>
  save(list: FeatureList, at: Date): Promise<void>
  remove(name: string): Promise<void>
  /** Root inherits what a removed reseller had. */
  giveToRoot(ownerId: number): Promise<void>
}

/** A list that is always there, as it is while nobody has saved it; undefined for any other name. */
export function builtInList(name: string): FeatureList | undefined {
  return BUILT_IN_LISTS.includes(name) ? { name, ownerId: undefined, features: {} } : undefined
}

/** The lists that were saved and those that are always there, in order of their names. */
export function withBuiltInLists(saved: readonly FeatureList[]): readonly FeatureList[] {
  const missing = BUILT_IN_LISTS.filter((name) => !saved.some((list) => list.name === name))
  const all = [...saved, ...missing.map((name) => ({ name, ownerId: undefined, features: {} }))]
  return all.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Says whether the list holds the feature, without regard to `disabled`. */
export function listHolds(list: FeatureList, feature: string): boolean {
  // Names come from callers: own members alone count.
  return Object.hasOwn(list.features, feature) ? list.features[feature] === true : list.name !== DISABLED_LIST
}

/** The features that an account with this list may use. */
export function featuresIn(list: FeatureList, disabled: FeatureList): ReadonlySet<string> {
  return new Set(FEATURE_IDS.filter((feature) => listHolds(list, feature) && !listHolds(disabled, feature)))
}
