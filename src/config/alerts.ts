/** The settings of alerts: where they go, what is learned before something is unusual, and which webhooks may be named. */
import { hostName, list, mailAddress, oneOf, text, wholeNumber } from './forms.ts'

const WEBHOOK_PROBLEM =
  'is neither an https URL nor an http one of this machine (127.0.0.1, [::1] or localhost), or holds a password'
const SYSLOG = /^(unix:\/.+|(udp|tcp):\/\/(\[[0-9a-fA-F:.]+\]|[^:/[\]]+):\d{1,5})$/

/** In clear only to this machine itself; a user name in it would end up in every list of settings. */
function isWebhookUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname: host, username, password } = new URL(value)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(host))
}

export const alertSettings = {
  alertMailTo: list(mailAddress()).default([]).meta({
    value: 'LIST',
    description: 'Mail addresses that every alert is sent to. Needs smtp_host.',
  }),
  alertMailFrom: mailAddress().optional().meta({
    value: 'ADDRESS',
    description: 'The sender of mails. Without it postern@ and the hostname.',
  }),
  alertMailOwners: oneOf('on', 'off').default('on').meta({
    value: 'on|off',
    description:
      'Whether the owner of a token is reminded of its expiry at the address of their account. Needs smtp_host.',
  }),
  smtpHost: hostName().optional().meta({
    value: 'NAME',
    description: 'The mail server that takes mails. Without it none are sent.',
  }),
  smtpPort: wholeNumber(1, 65_535).default(25).meta({ value: 'PORT', description: 'The port of the mail server.' }),
  smtpSecurity: oneOf('starttls', 'tls', 'none').default('starttls').meta({
    value: 'starttls|tls|none',
    description: 'How mails reach the server: never without STARTTLS, by TLS from the start, or in clear.',
  }),
  smtpUser: text()
    .optional()
    .meta({ value: 'NAME', description: 'The user name at the mail server, if it wants one.' }),
  smtpPasswordFile: text().optional().meta({
    value: 'FILE',
    description: 'A file whose first line is the password at the mail server.',
  }),
  alertWebhookUrl: text().refine(isWebhookUrl, WEBHOOK_PROBLEM).optional().meta({
    value: 'URL',
    description: 'Where every alert is sent to as a signed HTTP request.',
  }),
  alertWebhookSecretFile: text().optional().meta({
    value: 'FILE',
    description:
      'A file with the secret that signs them, whsec_ and base64. Without it one is made in the data folder and shown once.',
  }),
  alertSyslog: text()
    .refine((value) => SYSLOG.test(value), 'is neither unix:/PATH, udp://HOST:PORT nor tcp://HOST:PORT')
    .optional()
    .meta({
      value: 'unix:/PATH|udp://HOST:PORT|tcp://HOST:PORT',
      description: 'A syslog that every alert is sent to (RFC 5424).',
    }),
  alertLearningDays: wholeNumber(0, 3650).default(7).meta({
    value: 'DAYS',
    description: 'What a token does raises no alert of unusual use for so long after its first use.',
  }),
  alertLearningCalls: wholeNumber(0, 1_000_000).default(50).meta({
    value: 'NUMBER',
    description: 'Nor before it made so many calls.',
  }),
  alertRefusalBurst: wholeNumber(1, 1_000_000).default(50).meta({
    value: 'NUMBER',
    description: 'So many refused calls from one address within five minutes raise an alert.',
  }),
}
