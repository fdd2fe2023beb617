/** The sinks that the settings ask for, with the secrets that they need, which come from files. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMutedBy } from '../alerts/alert.ts'
import type { OutboxEvent, Sink, SinkName } from '../alerts/delivery.ts'
import type { MailSettings } from '../alerts/sinks/mail.ts'
import { makeSyslogSink, parseSyslogTarget } from '../alerts/sinks/syslog.ts'
import { makeWebhookSink, parseWebhookSecret } from '../alerts/sinks/webhook.ts'
import type { Settings } from '../config/schema.ts'
import type { Stores } from '../functions/context.ts'
import { StartRefusal } from '../storage/start-refusal.ts'

export type SinkParts = {
  readonly settings: Settings
  readonly folder: string
  /** Where the pages are, for links in mails; known when the listeners are open. */
  url(): string
  readonly stores: Pick<Stores, 'accounts' | 'alerts'>
  nowMs(): number
}

export type OpenedSinks = {
  readonly sinks: readonly Sink[]
  /** Made at this start; to be shown once. */
  readonly newWebhookSecret: string | undefined
}

const WEBHOOK_SECRET_FILE = 'webhook-secret'
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1'])

/** The sinks that the settings ask for, by name. */
export function sinkNames(settings: Settings): readonly SinkName[] {
  const hasMail = settings.smtpHost !== undefined
  return [
    ...(hasMail && settings.alertMailTo.length > 0 ? (['mail'] as const) : []),
    ...(hasMail && settings.alertMailOwners === 'on' ? (['owner-mail'] as const) : []),
    ...(settings.alertWebhookUrl === undefined ? [] : (['webhook'] as const)),
    ...(settings.alertSyslog === undefined ? [] : (['syslog'] as const)),
  ]
}

/** Throws `StartRefusal` for settings that cannot work: an alert that is never sent is found out too late. */
export async function openSinks(parts: SinkParts): Promise<OpenedSinks> {
  const { settings } = parts
  const sinks: Sink[] = [...(await mailSinks(parts))]
  let newWebhookSecret: string | undefined
  if (settings.alertWebhookUrl !== undefined) {
    const { key, made } = await webhookKey(settings, parts.folder)
    newWebhookSecret = made
    sinks.push(makeWebhookSink(settings.alertWebhookUrl, key, parts.nowMs))
  }
  if (settings.alertSyslog !== undefined) {
    const target = parseSyslogTarget(settings.alertSyslog)
    if (target === undefined)
      throw new StartRefusal(
        `The setting alert_syslog, “${settings.alertSyslog}”, names no port from 1 to 65535.`,
        'Correct alert_syslog in the settings.',
      )
    sinks.push(makeSyslogSink(target, settings.hostname))
  }
  return { sinks, newWebhookSecret }
}

async function mailSinks({ settings, url, stores, nowMs }: SinkParts): Promise<readonly Sink[]> {
  const { smtpHost, alertMailTo } = settings
  const names = sinkNames(settings)
  if (smtpHost === undefined) {
    if (alertMailTo.length === 0) return []
    throw new StartRefusal('The setting alert_mail_to needs a mail server.', 'Name one with smtp_host.')
  }
  const mail: MailSettings = {
    host: smtpHost,
    port: settings.smtpPort,
    security: settings.smtpSecurity,
    user: settings.smtpUser,
    password: await smtpPassword(settings),
    from: settings.alertMailFrom ?? `postern@${settings.hostname}`,
    hostname: settings.hostname,
    url,
  }
  // Loaded only where mails are sent.
  const { makeMailSink, makeOwnerMailSink, makeSendMail } = await import('../alerts/sinks/mail.ts')
  const sendMail = makeSendMail(mail)
  const sinks: Sink[] = []
  if (names.includes('mail')) sinks.push(makeMailSink(alertMailTo, mail, sendMail))
  if (names.includes('owner-mail'))
    sinks.push(makeOwnerMailSink((event) => ownersAddress(stores, event, nowMs()), mail, sendMail))
  return sinks
}

async function smtpPassword(settings: Settings): Promise<string | undefined> {
  const { smtpUser, smtpPasswordFile, smtpSecurity, smtpHost } = settings
  if (smtpUser === undefined) return undefined
  if (smtpSecurity === 'none' && !LOOPBACK.has(smtpHost ?? ''))
    throw new StartRefusal(
      'The password of the mail server would cross the network in clear.',
      'Set smtp_security to starttls or tls.',
    )
  if (smtpPasswordFile === undefined)
    throw new StartRefusal('The setting smtp_user needs a password.', 'Name its file with smtp_password_file.')
  return (await firstLine(smtpPasswordFile, 'smtp_password_file')) ?? ''
}

/** The address of the owner's account, unless they muted it. Root has none: alert_mail_to is for root. */
async function ownersAddress(
  stores: SinkParts['stores'],
  sent: OutboxEvent,
  nowMs: number,
): Promise<string | undefined> {
  const { userId, event } = sent
  const user = userId === undefined ? undefined : await stores.accounts.findUserById(userId)
  if (user === undefined) return undefined
  const alert = { kind: event.kind, about: { tokenId: event.token_id ?? undefined } }
  const mutes = await stores.alerts.mutes(new Date(nowMs))
  if (mutes.some((mute) => isMutedBy(mute, alert, userId))) return undefined
  const address = (await stores.accounts.findAccount(user.name))?.contactEmail
  return address === '' ? undefined : address
}

async function webhookKey(
  settings: Settings,
  folder: string,
): Promise<{ readonly key: Buffer; readonly made?: string }> {
  const named = settings.alertWebhookSecretFile
  const path = named ?? join(folder, WEBHOOK_SECRET_FILE)
  const text = await firstLine(path, 'alert_webhook_secret_file', named === undefined)
  if (text !== undefined) {
    const key = parseWebhookSecret(text)
    if (key !== undefined) return { key }
    throw new StartRefusal(`${path} holds no secret of a webhook.`, 'It is whsec_ and the base64 of 24 to 64 bytes.')
  }
  const made = `whsec_${randomBytes(32).toString('base64')}`
  await writeFile(path, `${made}\n`, { mode: 0o600, flag: 'wx' })
  return { key: Buffer.from(made.slice('whsec_'.length), 'base64'), made }
}

async function firstLine(path: string, setting: string, mayBeMissing = false): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).split('\n', 1)[0]?.trim() ?? ''
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (mayBeMissing && code === 'ENOENT') return undefined
    throw new StartRefusal(`${path} cannot be read (${code}).`, `Correct ${setting}, or the rights of the file.`)
  }
}
