/**
 * WHM's numbered limits and its switches of an account. They are kept as texts under the names that modifyacct has for them;
 * createacct has the limits in lower case and other names for the switches, and clients mix both spellings (observed).
 */
import { optional, type Param } from '../../whm/params.ts'
import { limitOf, oneOf, switchOf } from './forms.ts'

const LIMITS = {
  MAXADDON: 'Most addon domains',
  MAXFTP: 'Most FTP accounts',
  MAXLST: 'Most mailing lists',
  MAXPARK: 'Most aliases',
  MAXPOP: 'Most mailboxes',
  MAXSQL: 'Most databases',
  MAXSUB: 'Most subdomains',
  MAXPASSENGERAPPS: 'Most applications',
  MAX_TEAM_USERS: 'Most team users',
  MAX_EMAIL_PER_HOUR: 'Most messages an hour',
  MAX_DEFER_FAIL_PERCENTAGE: 'Most failed messages in a hundred',
  MAX_EMAILACCT_QUOTA: 'Largest mailbox in MB',
} as const

type LimitName = keyof typeof LIMITS

/** The limits that count things which the account makes for itself. */
export const COUNTED_LIMITS = ['MAXFTP', 'MAXLST', 'MAXPOP', 'MAXSQL', 'MAXSUB'] as const

const SWITCHES = {
  HASCGI: 'Whether CGI programs run',
  HASDKIM: 'Whether mail shall be signed; kept and shown, and no mail is',
  HASSPF: 'Whether the zone has an SPF record; a new one has',
  HASDMARC: 'Whether the zone has a DMARC record; a new one has none',
  OUTGOING_EMAIL_SUSPENDED: 'Whether sending mail is suspended',
  BACKUP: 'Whether the account is backed up (root alone)',
} as const

type SwitchName = keyof typeof SWITCHES

type LimitParams = { readonly [K in LimitName as Lowercase<K>]: Param<string | undefined> }
type ChangeParams = { readonly [K in LimitName]: Param<string | undefined> } & {
  readonly [K in SwitchName]: Param<boolean | undefined>
}

/** createacct's arguments for the numbered limits. */
export const limitParams = Object.fromEntries(
  Object.entries(LIMITS).map(([name, doc]) => [name.toLowerCase(), limitParam(name, doc)]),
) as LimitParams // The keys are those of LIMITS in lower case.

/** createacct's arguments for the switches. */
export const switchParams = {
  cgi: optional(switchOf({ doc: `${SWITCHES.HASCGI}: 1 or 0.` })),
  dkim: optional(switchOf({ doc: `${SWITCHES.HASDKIM}: 1 or 0.` })),
  spf: optional(switchOf({ doc: `${SWITCHES.HASSPF}: 1 or 0.` })),
  dmarc: optional(switchOf({ doc: `${SWITCHES.HASDMARC}: 1 or 0.` })),
}

/** modifyacct's arguments for limits and switches. */
export const changeParams = Object.fromEntries([
  ...Object.entries(LIMITS).map(([name, doc]) => [name, limitParam(name.toLowerCase(), doc)]),
  ...Object.entries(SWITCHES).map(([name, doc]) => [name, switchParam(name, doc)]),
]) as ChangeParams // The keys are those of both tables.

/** How mail is kept, on both functions. */
export const mailboxFormat = optional(oneOf('How mail is kept: maildir or mdbox.', ['maildir', 'mdbox']))

type Given = Readonly<Record<string, unknown>>

/** What a createacct call gives that no package has, by the names under which it is kept. */
export function ownSwitchesOf(values: Given): Record<string, string> {
  const { dkim, spf, dmarc, mailbox_format } = values
  return limitsGiven({ HASDKIM: dkim, HASSPF: spf, HASDMARC: dmarc, mailbox_format })
}

/** What the values give, by the names under which it is kept. */
export function limitsGiven(values: Given): Record<string, string> {
  const given: Record<string, string> = {}
  for (const name of Object.keys(LIMITS)) {
    const value = values[name] ?? values[name.toLowerCase()]
    if (typeof value === 'string') given[name] = value
  }
  for (const name of Object.keys(SWITCHES)) {
    const value = values[name]
    if (typeof value === 'boolean') given[name] = value ? '1' : '0'
  }
  const format = values.MAILBOX_FORMAT ?? values.mailbox_format
  if (typeof format === 'string') given.MAILBOX_FORMAT = format
  return given
}

function limitParam(alias: string, doc: string): Param<string | undefined> {
  return optional(limitOf({ doc: `${doc}: a number or “unlimited”.`, aliases: [alias] }))
}

function switchParam(name: string, doc: string): Param<boolean | undefined> {
  return optional(switchOf({ doc: `${doc}: 1 or 0.`, aliases: [name.toLowerCase()] }))
}
