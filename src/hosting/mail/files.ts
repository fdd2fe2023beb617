/**
 * What the mail servers read, as text: a password file for each domain (Dovecot), and maps (Postfix; `texthash:` reads them as they are,
 * `postmap` makes tables of them). Every part was checked where it was read; here each is looked at once more, so that nothing that a
 * caller sent can end a line or a field. No I/O.
 */
import { addressOf, type Forwarder, folderOfMailbox, type MailAddress, type MailboxToServe } from './mail.ts'

/** The maps by the names of their files. */
export type Maps = Readonly<Record<(typeof MAP_NAMES)[number], string>>
export const MAP_NAMES = ['domains', 'mailboxes', 'forwarders', 'transports', 'senders'] as const

/** Who the mail belongs to on the machine, and where homes lie. */
export type Ownership = { readonly uid: number; readonly gid: number; pathOf(home: string, inside: string): string }

/** What no password fits. */
const LOCKED = '{CRYPT}!'

/** Dovecot's passwd-file: `user:password:uid:gid:gecos:home:shell:extra`. */
export function passwdFile(mailboxes: readonly MailboxToServe[], { uid, gid, pathOf }: Ownership): string {
  const lines = mailboxes.map((mailbox) => {
    const isClosed = mailbox.isAccountSuspended || mailbox.suspended.includes('login')
    const extra = [
      ...(mailbox.quotaMb === undefined ? [] : [`userdb_quota_rule=*:storage=${mailbox.quotaMb}M`]),
      ...(isClosed ? ['nologin=y'] : []),
    ]
    const password = isClosed ? LOCKED : mailbox.passwordHash
    const home = pathOf(mailbox.home, folderOfMailbox(mailbox))
    const fields = [addressOf(mailbox), password, String(uid), String(gid), '', home, '']
    return [...fields.map(field), extra.join(' ')].join(':')
  })
  return lines.map((line) => `${line}\n`).join('')
}

/** A colon would begin the next field. */
function field(text: string): string {
  if (/[:\p{Cc}]/u.test(text)) throw new Error('this cannot stand in a password file')
  return text
}

export type MapSource = {
  /** Of all mailboxes, in the order in which they are to stand. */
  readonly addresses: readonly MailAddress[]
  /** Those that may not do everything. */
  readonly restricted: readonly MailboxToServe[]
  readonly forwarders: readonly Forwarder[]
}

/** What Postfix is told. Thousands of mailboxes that have no forwarder and may do everything cost a line each and no more. */
export function maps({ addresses, restricted, forwarders }: MapSource): Maps {
  const boxes = new Set(addresses.map(addressOf))
  const byAddress = Map.groupBy(forwarders, addressOf)
  const restrictedBy = new Map(restricted.map((mailbox) => [addressOf(mailbox), mailbox]))
  const special = [...new Set([...byAddress.keys(), ...restrictedBy.keys()])].sort()
  const transports = special.flatMap((address): Line[] => {
    const transport = transportOf(restrictedBy.get(address), byAddress.get(address) ?? [])
    return transport === undefined ? [] : [[address, transport]]
  })
  const isTurnedAway = new Set(transports.map(([address]) => address))
  // An address that is turned away, or whose mail is thrown away, must be known all the same; what becomes of it is in the transports.
  const known = [...boxes, ...[...isTurnedAway].filter((address) => !boxes.has(address))]
  const domains = new Set([...addresses, ...forwarders].map(({ domain }) => domain))
  return {
    domains: mapOf([...domains].sort().map((domain) => [domain, 'OK'])),
    mailboxes: mapOf(known.map((address) => [address, 'OK'])),
    forwarders: mapOf(
      special.flatMap((address): Line[] => {
        const targets = isTurnedAway.has(address) ? [] : targetsOf(byAddress.get(address) ?? [])
        // A mailbox keeps its mail, whoever else gets it.
        if (targets.length > 0 && boxes.has(address)) targets.unshift(address)
        return targets.length === 0 ? [] : [[address, targets.join(', ')]]
      }),
    ),
    transports: mapOf(transports),
    senders: mapOf(
      [...restrictedBy]
        .filter(([, mailbox]) => !maySend(mailbox))
        .map(([address]) => [address, 'REJECT Sending is suspended']),
    ),
  }
}

type Line = readonly [key: string, value: string]

function mapOf(lines: readonly Line[]): string {
  return lines.map(([key, value]) => `${word(key)} ${line(value)}\n`).join('')
}

function word(text: string): string {
  if (!/^[a-z0-9_][a-z0-9_.+@-]*$/.test(text)) throw new Error('this cannot be the key of a map')
  return text
}

function line(text: string): string {
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)) throw new Error('this cannot be the value of a map')
  return text
}

function targetsOf(forwarders: readonly Forwarder[]): string[] {
  return forwarders.flatMap(({ action }) => (action.kind === 'forward' ? [action.to] : []))
}

/** Where mail goes instead of a mailbox: refusing beats forwarding, and forwarding beats throwing away. */
function transportOf(mailbox: MailboxToServe | undefined, forwarders: readonly Forwarder[]): string | undefined {
  const failing = forwarders.map(({ action }) => action).find(({ kind }) => kind === 'fail')
  if (failing?.kind === 'fail') return `error:5.1.1 ${asciiOf(failing.text)}`
  if (mailbox?.suspended.includes('incoming')) return 'retry:4.2.1 The mailbox takes no mail at the moment'
  const isForwarded = targetsOf(forwarders).length > 0
  return !isForwarded && forwarders.some(({ action }) => action.kind === 'blackhole') ? 'discard:silently' : undefined
}

/** SMTP's replies are ASCII. */
function asciiOf(text: string): string {
  const ascii = text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/gu, '?')
  return ascii.trim() === '' ? 'No such person here' : ascii.trim()
}

function maySend({ suspended, isAccountSuspended, mayAccountSend }: MailboxToServe): boolean {
  return mayAccountSend && !isAccountSuspended && !suspended.includes('outgoing')
}
