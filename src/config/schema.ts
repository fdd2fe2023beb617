/**
 * Every setting: its name, default, what is accepted and what it means. The file, the environment, the flags, `postern config`
 * and the reference are made from this one schema; a setting is added here and nowhere else. Names are camelCase here,
 * `snake_case` in the file, `POSTERN_SNAKE_CASE` in the environment and `--kebab-case` as a flag.
 */
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { z } from 'zod'
import { alertSettings } from './alerts.ts'
import { hostName, list, mailAddress, oneOf, text, wholeNumber } from './forms.ts'
import { isListen } from './listen.ts'
import { mysqlSettings } from './mysql.ts'

// Believing every hop, or a fixed number of hops, lets a caller choose the address that a token's rules are held against.
const PROXIES_PROBLEM =
  'must be a list of addresses or CIDR ranges: with “true” or a number of hops any caller could pretend to come from any address'

/** Names of the time zone database, as `Intl` knows them; an offset such as +02:00 knows no summer. */
function isTimeZone(value: string): boolean {
  try {
    return (
      new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== undefined &&
      /^[A-Z]/i.test(value)
    )
  } catch {
    return false
  }
}
const machineTimeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone

const isDatabaseUrl = (value: string): boolean => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value)

/** As `dns.setServers` takes them. */
function isNameServer(value: string): boolean {
  const [, six, four = ''] = /^(?:\[([0-9a-fA-F:]+)\]|([0-9.]+))(?::[0-9]{1,5})?$/.exec(value) ?? []
  return isIP(value) !== 0 || isIP(six ?? four) !== 0
}

function isAcmeDirectory(value: string): boolean {
  return URL.canParse(value) && new URL(value).protocol === 'https:'
}

const listenOrOff = () => text().refine((value) => value === 'off' || isListen(value), 'is neither HOST:PORT nor “off”')

/** Builds the schema; the default data folder lies in the package's own folder. */
export const settingsSchema = (packageRoot: string) =>
  z.object({
    data: text().default(`${packageRoot}/data`).meta({
      value: 'DIR',
      description: 'The data folder: database, pepper, certificate, account homes, logs.',
    }),
    listen: text().refine(isListen, 'is not HOST:PORT').default('127.0.0.1:2087').meta({
      value: 'HOST:PORT',
      description: 'Where the WHM service listens (HTTPS). Port 0 picks a free one.',
    }),
    cpanelListen: listenOrOff()
      .default('off')
      .meta({ value: 'HOST:PORT|off', description: 'Where the cPanel service listens (HTTPS), or off.' }),
    database: text().refine(isDatabaseUrl, 'is not a URL of the form postgres://USER@HOST/NAME').optional().meta({
      value: 'URL',
      description: 'A PostgreSQL database, postgres://USER@HOST/NAME. Without it SQLite in the data folder.',
    }),
    rootPasswordFile: text().optional().meta({
      value: 'FILE',
      description: "A file whose first line becomes root's password at the first start, instead of a made-up one.",
    }),
    hostname: hostName().default(hostname()).meta({
      value: 'NAME',
      description: "The server's name: in links, in the self-signed certificate, and what gethostname answers.",
    }),
    alwaysAllowedAddresses: list(text()).default([]).meta({
      value: 'LIST',
      description: "Addresses or CIDR ranges that every token may be used from, whatever the token's own rules say.",
    }),
    trustedProxies: list(text().regex(/^(?!(true|false|\d+)$)/, PROXIES_PROBLEM), PROXIES_PROBLEM)
      .default([])
      .meta({ value: 'LIST', description: 'Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed.' }),
    sessionIdleMinutes: wholeNumber(1, 1440).default(15).meta({
      value: 'MINUTES',
      description: 'A browser session ends after this long without a request.',
    }),
    sessionMaxHours: wholeNumber(1, 720).default(12).meta({
      value: 'HOURS',
      description: 'A browser session ends after this long in any case.',
    }),
    timezone: text().refine(isTimeZone, 'is no time zone, such as Europe/Berlin').default(machineTimeZone).meta({
      value: 'ZONE',
      description: "The server's time zone: a token that expires on a date ends at 23:59:59 of that day there.",
    }),
    expiresSoonDays: wholeNumber(0, 3650).default(30).meta({
      value: 'DAYS',
      description: 'A token that expires within this time is marked.',
    }),
    tokenUpdateOmission: oneOf('keep', 'reset').default('keep').meta({
      value: 'keep|reset',
      description: 'What api_token_update does with privileges, addresses and expiry that a call leaves out.',
    }),
    maxConnections: wholeNumber(1, 1_000_000).default(2000).meta({
      value: 'NUMBER',
      description: 'Connections open at once; more are refused.',
    }),
    maxConnectionsPerAddress: wholeNumber(1, 1_000_000).default(200).meta({
      value: 'NUMBER',
      description: 'Connections open at once from one address; more are refused.',
    }),
    ignoreSelf: oneOf('on', 'off').default('on').meta({
      value: 'on|off',
      description:
        "Whether failed attempts from the machine's own addresses never lead to a ban, as Fail2Ban's ignoreself.",
    }),
    accessLog: oneOf('on', 'off').default('on').meta({
      value: 'on|off',
      description: 'Whether each call leaves a line in logs/access.log of the data folder.',
    }),
    metricsListen: listenOrOff().default('off').meta({
      value: 'HOST:PORT|off',
      description: 'Where Prometheus reads /metrics (HTTPS), or off. The local socket always answers it.',
    }),
    metricsTokenFile: text().optional().meta({
      value: 'FILE',
      description: 'A file whose first line is the bearer token that metrics_listen asks for.',
    }),
    ...alertSettings,
    ledgerDays: wholeNumber(0, 36_500).default(400).meta({
      value: 'DAYS',
      description: 'How long it is kept what each token did, by day. 0: only its last use and the number of its calls.',
    }),
    autossl: oneOf('on', 'off').default('off').meta({
      value: 'on|off',
      description: 'Whether sites without a certificate get one from acme_directory, and have it renewed.',
    }),
    acmeDirectory: text()
      .refine(isAcmeDirectory, 'is no https URL')
      .default('https://acme-v02.api.letsencrypt.org/directory')
      .meta({ value: 'URL', description: 'The authority that AutoSSL asks (RFC 8555).' }),
    acmeTermsAgreed: oneOf('yes', 'no').default('no').meta({
      value: 'yes|no',
      description: 'Whether you agree to the terms of that authority; without “yes” it is not asked for anything.',
    }),
    acmeContact: list(mailAddress()).default([]).meta({
      value: 'LIST',
      description: 'Mail addresses by which the authority can reach you.',
    }),
    acmeCaFile: text().optional().meta({
      value: 'FILE',
      description:
        'Certificates in PEM that vouch for the authority’s own server, instead of those that Node.js knows.',
    }),
    acmeChallenge: oneOf('http-01', 'dns-01').default('http-01').meta({
      value: 'http-01|dns-01',
      description:
        'How the authority sees that a domain is yours: in the pages of the site, or in its zone on this server.',
    }),
    acmeDnsServers: list(text().refine(isNameServer, 'is neither ADDRESS nor ADDRESS:PORT')).default([]).meta({
      value: 'LIST',
      description: 'Name servers that must show an answer in a zone before the authority looks for it.',
    }),
    serverCertificate: oneOf('files', 'autossl').default('files').meta({
      value: 'files|autossl',
      description:
        'Where the certificate of Postern itself comes from: tls in the data folder, or AutoSSL for hostname.',
    }),
    serverWebroot: text().optional().meta({
      value: 'DIR',
      description:
        'The folder that a web server shows at http://HOSTNAME/, where challenges for hostname are answered.',
    }),
    nameservers: list(hostName()).default([]).meta({
      value: 'LIST',
      description: 'Name servers given to new accounts.',
    }),
    zoneContact: mailAddress().optional().meta({
      value: 'ADDRESS',
      description: 'The contact in the SOA record of new zones. Without it hostmaster at the domain.',
    }),
    zonesFolder: text().optional().meta({
      value: 'DIR',
      description:
        'Where zone files are written, readable by everybody, for a name server. Without it `zones` in the data folder, for this user alone.',
    }),
    zoneCommand: list(text()).default([]).meta({
      value: 'LIST',
      description:
        'A program and its arguments, run after a zone was written, such as rndc, reload, ZONE. ZONE is its name, left out when a zone came or went.',
    }),
    accountIp: text()
      .refine((value) => isIP(value) !== 0, 'is not an IP address')
      .default('127.0.0.1')
      .meta({ value: 'ADDRESS', description: 'The IP address that accounts are hosted on.' }),
    dedicatedIps: list(text().refine((value) => isIP(value) !== 0, 'is not an IP address'))
      .default([])
      .meta({ value: 'LIST', description: 'Further IP addresses, each for one account alone (setsiteip, packages).' }),
    ...mysqlSettings,
  })

/** The effective settings. Paths are absolute; lists of address rules are texts that the server parses. */
export type Settings = Readonly<z.output<ReturnType<typeof settingsSchema>>>
export type SettingName = keyof Settings & string

/** A setting as help, `postern config` and the reference show it. */
export type SettingDescription = {
  readonly name: SettingName
  /** `cpanel_listen`: in the settings file. */
  readonly fileName: string
  /** `POSTERN_CPANEL_LISTEN` */
  readonly variable: string
  /** `--cpanel-listen` */
  readonly flag: string
  /** `HOST:PORT`: what stands for the value in help. */
  readonly value: string
  readonly doc: string
  readonly kind: 'text' | 'number' | 'list'
}

/** Unwraps what only says how a value may be missing. */
function kindOf(type: unknown): SettingDescription['kind'] {
  if (type instanceof z.ZodDefault || type instanceof z.ZodOptional) return kindOf(type.unwrap())
  if (type instanceof z.ZodReadonly) return 'list'
  return type instanceof z.ZodNumber ? 'number' : 'text'
}

const schema = settingsSchema('').shape

/** All settings in the order in which they are shown. */
export const SETTINGS: readonly SettingDescription[] = (Object.keys(schema) as SettingName[]).map((name) => {
  const fileName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const meta = schema[name].meta()
  return {
    name,
    fileName,
    variable: `POSTERN_${fileName.toUpperCase()}`,
    flag: `--${fileName.replaceAll('_', '-')}`,
    value: String(meta?.value),
    doc: String(meta?.description),
    kind: kindOf(schema[name]),
  }
})
