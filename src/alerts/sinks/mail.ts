/** Alerts by mail: plain text, over SMTP. One message an event; its id is the same however often it is sent. */
import { createTransport } from 'nodemailer'
import { NotTaken, type OutboxEvent, type Sink } from '../delivery.ts'
import { visible } from './words.ts'

export type MailSettings = {
  readonly host: string
  readonly port: number
  /** `tls` from the first byte, `starttls` or nothing at all, or in clear. */
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user: string | undefined
  readonly password: string | undefined
  readonly from: string
  /** Of this server: in subjects and message ids. */
  readonly hostname: string
  /** Where its pages are. */
  url(): string
}

type Message = { readonly to: readonly string[]; readonly subject: string; readonly text: string; readonly id: string }
export type SendMail = (message: Message, signal: AbortSignal) => Promise<void>

/** Opens a connection for each message: alerts are rare, and an idle one would only break. */
export function makeSendMail(settings: MailSettings): SendMail {
  const { host, port, security, user, password } = settings
  return async ({ to, subject, text, id }, signal) => {
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 15_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    const sent = transport.sendMail({
      from: settings.from,
      to: [...to],
      subject,
      text,
      messageId: `<${id}@${settings.hostname}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
    // A connection cannot be cut from outside; its own time-outs end it soon.
    await Promise.race([sent, aborted(signal)]).catch((error: unknown) => {
      throw wordedError(error)
    })
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** A server that refuses the recipients or the text for good speaks of this message; a refused password or sender speaks of all. */
function wordedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown } // nodemailer sets both on its errors
  const isForGood = typeof responseCode === 'number' && responseCode >= 550 && responseCode < 560
  return isForGood && (code === 'EENVELOPE' || code === 'EMESSAGE') ? new NotTaken(error.message) : error
}

/** To those who run the server: every alert. */
export function makeMailSink(to: readonly string[], settings: MailSettings, sendMail: SendMail): Sink {
  return {
    name: 'mail',
    send: (event, signal) => sendMail({ to, ...wordsOf(event, settings), id: `alert-event-${event.id}` }, signal),
  }
}

/** To the owner of a token: reminders of its expiry, where `addressOf` knows where to. */
export function makeOwnerMailSink(
  addressOf: (event: OutboxEvent) => Promise<string | undefined>,
  settings: MailSettings,
  sendMail: SendMail,
): Sink {
  return {
    name: 'owner-mail',
    async send(event, signal) {
      if (event.event.kind !== 'token-expires') return
      const address = await addressOf(event)
      if (address === undefined) return
      await sendMail({ to: [address], ...wordsOf(event, settings), id: `owner-event-${event.id}` }, signal)
    },
  }
}

/** Never a secret: an alert has none. What strangers sent stays on its line. */
export function wordsOf({ event }: OutboxEvent, { hostname, url }: Pick<MailSettings, 'hostname' | 'url'>) {
  const about = event.token_name ?? event.address ?? event.user
  const subject = visible(`[${hostname}] ${event.title}${about === null ? '' : `: ${about}`}`, 200)
  const facts: readonly (readonly [string, string | number | null])[] = [
    ['Severity', event.severity],
    ['Token', event.token_name === null ? event.token_id : `${event.token_name} (${event.token_id})`],
    ['User', event.user],
    ['Address', event.address],
    ['Seen', event.examples.length === 0 ? null : event.examples.map((example) => visible(example, 100)).join(', ')],
    ['Time', new Date(event.time * 1000).toISOString()],
    ['Occurrences', event.occurrences],
  ]
  const lines = facts
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${`${name}:`.padEnd(13)}${visible(String(value), 1500)}`)
  const remedy =
    event.kind === 'token-expires'
      ? `Give it a new secret, or a later end: ${url()}/tokens`
      : `Look at it and acknowledge it: ${url()}/alerts`
  return { subject, text: `${visible(event.reason, 2000)}\n\n${lines.join('\n')}\n\n${remedy}\n` }
}
