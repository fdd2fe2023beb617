/** Ready choices for the programs that most tokens are made for. A template only fills the form in; what it names can be changed. */
import type { words } from '../words.ts'

export type Template = {
  readonly id: keyof typeof words.templates
  /** What the form offers as the token's name. */
  readonly name: string
  readonly privileges: readonly string[]
  /** Days until it ends; undefined: a year, as without a template. */
  readonly days?: number
}

// What billing systems call was seen from their clients (create, suspend, change, sign their customers in, terminate).
const BILLING = [
  'basic-whm-functions',
  'list-pkgs',
  'add-pkg',
  'create-acct',
  'list-accts',
  'acct-summary',
  'suspend-acct',
  'upgrade-account',
  'edit-account',
  'passwd',
  'create-user-session',
  'kill-acct',
]

export const TEMPLATES: readonly Template[] = [
  { id: 'whmcs', name: 'whmcs', privileges: BILLING },
  { id: 'blesta', name: 'blesta', privileges: BILLING },
  { id: 'fossbilling', name: 'fossbilling', privileges: BILLING.filter((acl) => acl !== 'add-pkg') },
  { id: 'dns01', name: 'dns-01', privileges: ['edit-dns'] },
  { id: 'backup', name: 'backup', privileges: ['basic-whm-functions', 'list-accts', 'acct-summary', 'list-pkgs'] },
  {
    id: 'monitoring',
    name: 'monitoring',
    privileges: [
      'basic-system-info',
      'basic-whm-functions',
      'list-accts',
      'ssl-info',
      'show-bandwidth',
      'status',
      'stats',
    ],
  },
  {
    id: 'migration',
    name: 'migration',
    privileges: [
      'basic-whm-functions',
      'list-pkgs',
      'add-pkg',
      'create-acct',
      'list-accts',
      'acct-summary',
      'edit-dns',
      'ssl',
      'ssl-info',
    ],
    days: 30,
  },
  { id: 'dns-cluster', name: 'dns-cluster', privileges: ['clustering'] },
]

/** What an address such as `?template=whmcs&expires_in=45` fills in. Nothing of it is believed: the form checks every value. */
export type Prefill = {
  readonly template: Template | undefined
  readonly unknownTemplate: string | undefined
  readonly name: string | undefined
  readonly days: number | undefined
  readonly ips: string | undefined
  readonly note: string | undefined
}

const DAYS_MAX = 3650
/** Far more than any field takes; what is longer was no slip. */
const TEXT_MAX = 5000

/** Reads the values of a link; undefined when there are none. */
export function prefillOf(queryText: string): Prefill | undefined {
  const query = new URLSearchParams(queryText)
  const text = (name: string): string | undefined => query.get(name)?.slice(0, TEXT_MAX)
  const asked = text('template')
  const days = /^[1-9]\d{0,3}$/.exec(text('expires_in') ?? '')?.[0]
  const prefill: Prefill = {
    template: TEMPLATES.find(({ id }) => id === asked),
    unknownTemplate: asked === undefined || TEMPLATES.some(({ id }) => id === asked) ? undefined : asked,
    name: text('name'),
    days: days === undefined ? undefined : Math.min(Number(days), DAYS_MAX),
    ips: text('ips')?.replaceAll(',', '\n'),
    note: text('note'),
  }
  return Object.values(prefill).some((value) => value !== undefined) ? prefill : undefined
}
