/** Mailboxes and forwarders: what they are, and where they are kept. No I/O. */

/** What a mailbox may not do for the time being. */
export type MailSuspension = 'login' | 'incoming' | 'outgoing'

export type Mailbox = {
  readonly domain: string
  readonly localPart: string
  readonly userId: number
  /** With Dovecot's scheme before it (`{ARGON2ID}$argon2id$…`). */
  readonly passwordHash: string
  /** Undefined: as much as the account may hold. */
  readonly quotaMb: number | undefined
  readonly suspended: readonly MailSuspension[]
  readonly createdAt: Date
  readonly changedAt: Date
}

/** What can be changed of a mailbox; what is left out stays. */
export type MailboxChange = Partial<Pick<Mailbox, 'passwordHash' | 'suspended'>> & {
  readonly quotaMb?: number | 'unlimited'
}

/** One address, one thing that becomes of its mail; an address with several has several of these. */
export type Forwarder = {
  readonly domain: string
  readonly localPart: string
  readonly userId: number
  readonly action: ForwarderAction
}

/** `to` is an address; the text of `fail` is told to the sender. */
export type ForwarderAction =
  | { readonly kind: 'forward'; readonly to: string }
  | { readonly kind: 'fail'; readonly text: string }
  | { readonly kind: 'blackhole' }

/** A mailbox with what a mail server must be told of its account. */
export type MailboxToServe = Mailbox & {
  /** The name of the account's folder. */
  readonly home: string
  readonly isAccountSuspended: boolean
  /** The account may not send, whatever its mailboxes may (WHM, `OUTGOING_EMAIL_SUSPENDED`). */
  readonly mayAccountSend: boolean
}

export type MailAddress = Pick<Mailbox, 'localPart' | 'domain'>

export type MailStore = {
  findMailbox(domain: string, localPart: string): Promise<Mailbox | undefined>
  /** In order of domains and local parts. */
  listMailboxes(userId: number): Promise<readonly Mailbox[]>
  countMailboxes(userId: number): Promise<number>
  insertMailbox(mailbox: Omit<Mailbox, 'createdAt' | 'changedAt' | 'suspended'>, at: Date): Promise<void>
  /** False when there is no such mailbox. */
  changeMailbox(domain: string, localPart: string, change: MailboxChange, at: Date): Promise<boolean>
  removeMailbox(domain: string, localPart: string): Promise<boolean>
  /** In order of addresses and of when they were added. */
  listForwarders(userId: number): Promise<readonly Forwarder[]>
  forwardersOf(domain: string, localPart: string): Promise<readonly Forwarder[]>
  countForwarders(userId: number): Promise<number>
  insertForwarder(forwarder: Forwarder, at: Date): Promise<void>
  removeForwarder(forwarder: Forwarder): Promise<boolean>
  /** Gives the addresses below `from` to `to`, and sends what the account forwards to them there. */
  renameDomain(userId: number, from: string, to: string): Promise<void>
  removeAllOf(userId: number): Promise<void>
  /** The domains of the account that have a mailbox or a forwarder. */
  domainsOf(userId: number): Promise<readonly string[]>
  /** Of every account, in order of domains and local parts. */
  addresses(): Promise<readonly MailAddress[]>
  /** Of one domain, or of every account, in the same order. */
  mailboxesToServe(domain?: string): Promise<readonly MailboxToServe[]>
  /** Of every account those that may not do everything, for a reason of their own or of their account's. */
  restrictedMailboxes(): Promise<readonly MailboxToServe[]>
  /** Of every account, in the same order. */
  forwardersToServe(): Promise<readonly Forwarder[]>
}

/** `LOCAL@DOMAIN`. */
export function addressOf({ localPart, domain }: MailAddress): string {
  return `${localPart}@${domain}`
}

/** Where the mail of a mailbox lies, inside the folder of its account. */
export function folderOfMailbox({ localPart, domain }: MailAddress): string {
  return `mail/${domain}/${localPart}`
}

/** The destination as WHM writes it; a text that begins with a colon is none that anybody can give. */
export function formatAction(action: ForwarderAction): string {
  if (action.kind === 'forward') return action.to
  return action.kind === 'fail' ? `:fail: ${action.text}` : ':blackhole:'
}

/** The other way round, for what `formatAction` wrote. */
export function actionOf(destination: string): ForwarderAction {
  if (destination === ':blackhole:') return { kind: 'blackhole' }
  if (destination.startsWith(':fail: ')) return { kind: 'fail', text: destination.slice(':fail: '.length) }
  return { kind: 'forward', to: destination }
}
