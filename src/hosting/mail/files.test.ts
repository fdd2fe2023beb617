import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../failures.ts'
import { parseAnyAddress, parseOwnAddress } from './address.ts'
import { maps as mapsOf, passwdFile } from './files.ts'
import type { Forwarder, ForwarderAction, MailboxToServe } from './mail.ts'

const HASH = '{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA'
const ownership = { uid: 1001, gid: 1002, pathOf: (home: string, inside: string) => `/data/home/${home}/${inside}` }

const mailbox = (address: string, more: Partial<MailboxToServe> = {}): MailboxToServe => {
  const [localPart = '', domain = ''] = address.split('@')
  return {
    localPart,
    domain,
    userId: 2,
    passwordHash: HASH,
    quotaMb: undefined,
    suspended: [],
    createdAt: new Date(0),
    changedAt: new Date(0),
    home: 'anna',
    isAccountSuspended: false,
    mayAccountSend: true,
    ...more,
  }
}
const forwarder = (address: string, action: ForwarderAction): Forwarder => {
  const [localPart = '', domain = ''] = address.split('@')
  return { localPart, domain, userId: 2, action }
}
const to = (target: string): ForwarderAction => ({ kind: 'forward', to: target })

/** All of them count as restricted: what they may not do they say themselves. */
const maps = (mailboxes: readonly MailboxToServe[], forwarders: readonly Forwarder[]) =>
  mapsOf({ addresses: mailboxes, restricted: mailboxes, forwarders })

test('a line of the password file names the mailbox, its hash, its owner, its folder and its quota', () => {
  const text = passwdFile([mailbox('anna@example.com', { quotaMb: 250 }), mailbox('b@example.com')], ownership)
  assert.equal(
    text,
    `anna@example.com:${HASH}:1001:1002::/data/home/anna/mail/example.com/anna::userdb_quota_rule=*:storage=250M\n` +
      `b@example.com:${HASH}:1001:1002::/data/home/anna/mail/example.com/b::\n`,
  )
})

test('a mailbox that may not sign in, or whose account is suspended, has a password that nothing fits', () => {
  for (const more of [{ suspended: ['login'] as const }, { isAccountSuspended: true }]) {
    const text = passwdFile([mailbox('anna@example.com', more)], ownership)
    assert.equal(text, 'anna@example.com:{CRYPT}!:1001:1002::/data/home/anna/mail/example.com/anna::nologin=y\n')
  }
  assert.match(passwdFile([mailbox('a@example.com', { suspended: ['incoming', 'outgoing'] })], ownership), /argon2id/)
})

test('a data folder whose path holds a colon is refused, as is a hash with one', () => {
  assert.throws(() => passwdFile([mailbox('a@b.example')], { ...ownership, pathOf: () => '/a:b' }), /cannot stand/)
  assert.throws(() => passwdFile([mailbox('a@b.example', { passwordHash: `${HASH}:0:0` })], ownership), /cannot stand/)
})

test('the maps say which domains, mailboxes and forwarders there are, and a mailbox keeps what is forwarded', () => {
  const made = maps(
    [mailbox('anna@example.com'), mailbox('bob@b.example')],
    [
      forwarder('anna@example.com', to('x@far.example')),
      forwarder('info@example.com', to('anna@example.com')),
      forwarder('info@example.com', to('x@far.example')),
      forwarder('only@c.example', to('x@far.example')),
    ],
  )
  assert.deepEqual(made, {
    domains: 'b.example OK\nc.example OK\nexample.com OK\n',
    mailboxes: 'anna@example.com OK\nbob@b.example OK\n',
    forwarders:
      'anna@example.com anna@example.com, x@far.example\n' +
      'info@example.com anna@example.com, x@far.example\n' +
      'only@c.example x@far.example\n',
    transports: '',
    senders: '',
  })
})

test('what is sent back or thrown away goes to a transport of its own, sending back before all else', () => {
  const fail = { kind: 'fail', text: 'Gone away, café' } as const
  const made = maps(
    [mailbox('rests@a.example', { suspended: ['incoming'] })],
    [
      forwarder('gone@a.example', fail),
      forwarder('gone@a.example', to('x@far.example')),
      forwarder('nowhere@a.example', { kind: 'blackhole' }),
      forwarder('both@a.example', { kind: 'blackhole' }),
      forwarder('both@a.example', to('x@far.example')),
    ],
  )
  assert.equal(made.forwarders, 'both@a.example x@far.example\n')
  assert.equal(
    made.transports,
    'gone@a.example error:5.1.1 Gone away, cafe\nnowhere@a.example discard:silently\n' +
      'rests@a.example retry:4.2.1 The mailbox takes no mail at the moment\n',
  )
  assert.equal(made.mailboxes, 'rests@a.example OK\ngone@a.example OK\nnowhere@a.example OK\n')
})

test('whoever may not send stands in the map of senders', () => {
  const made = maps(
    [
      mailbox('a@a.example', { suspended: ['outgoing'] }),
      mailbox('b@a.example', { isAccountSuspended: true }),
      mailbox('c@a.example', { mayAccountSend: false }),
      mailbox('d@a.example', { suspended: ['login', 'incoming'] }),
    ],
    [],
  )
  assert.equal(made.senders.replaceAll(' REJECT Sending is suspended', ''), 'a@a.example\nb@a.example\nc@a.example\n')
})

/** What gets through the checks of addresses, from whatever a caller sends. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.emailAddress(),
  fc
    .tuple(
      fc.constantFrom('a', '|x', '/x', 'a:b', 'a\nb c', ':include:x', '#a', '*'),
      fc.constantFrom('', '@a.example'),
    )
    .map(([name, end]) => name + end),
)

test('no address and no text that is taken adds a line, a key or a target to a map', () => {
  const taken = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      assert.ok(error instanceof Failure)
      return undefined
    }
  }
  fc.assert(
    fc.property(hostile, hostile, fc.string({ unit: 'binary', maxLength: 200 }), (name, target, told) => {
      const own = taken(() => parseOwnAddress(name, { given: undefined, main: 'a.example' }))
      const destination = taken(() => parseAnyAddress(target, 'fwdemail'))
      const address = own === undefined ? 'info@a.example' : `${own.localPart}@${own.domain}`
      const other = 'other@z.example'
      const made = maps(
        [mailbox(address)],
        [
          ...(destination === undefined ? [] : [forwarder(address, to(destination))]),
          forwarder(other, { kind: 'fail', text: told }),
        ],
      )
      assert.equal(made.mailboxes, `${address} OK\n${other} OK\n`)
      assert.match(made.transports, /^other@z\.example error:5\.1\.1 [\x20-\x7e]+\n$/)
      assert.equal(made.forwarders, destination === undefined ? '' : `${address} ${address}, ${destination}\n`)
      if (destination !== undefined) assert.match(destination, /^[^\s,|/:"<>()\\`]+@[a-z0-9.-]+$/)
    }),
  )
})
