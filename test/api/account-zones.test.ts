/** The zones of accounts through their lives: in the database and as files. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Arguments, done, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertFailed } from './replies.ts'
import { storedRows } from './stored.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({
    settings: {
      cpanelListen: '127.0.0.1:0',
      accountIp: '192.0.2.10',
      dedicatedIps: ['192.0.2.11', '2001:db8::11', '2001:db8::12'],
      nameservers: ['ns1.example.net'],
      zoneContact: 'dns@example.net',
    },
  })
  await server.account('seller', ['create-acct', 'list-accts', 'edit-account', 'kill-acct', 'manage-api-tokens'])
})
after(() => server.close())

const asRoot = (command: string, args: Arguments = {}): Promise<Reply> => server.root(command, args)
const fileOf = (zone: string): string => join(server.folder, 'zones', `${zone}.db`)
/** Of the file, which is the text in the database. */
function textOf(zone: string): string {
  const [row] = storedRows(server, 'select text from zones where name = ?', zone) as readonly {
    readonly text: string
  }[]
  const text = readFileSync(fileOf(zone), 'utf8')
  assert.equal(row?.text, text)
  return text
}
const serialOf = (zone: string): number => Number(/\t(\d+)\t; serial/.exec(textOf(zone))?.[1])
function assertGone(zone: string): void {
  assert.deepEqual(storedRows(server, 'select name from zones where name = ?', zone), [])
  assert.equal(existsSync(fileOf(zone)), false)
}

test('an account is made with a zone in the database and as a file, with the name servers and the contact of the settings', async () => {
  await server.account('alice')
  const text = textOf('alice.example.com')
  assert.match(text, /^alice\.example\.com\.\t86400\tIN\tSOA\tns1\.example\.net\. dns\.example\.net\. \($/m)
  assert.match(text, /^alice\.example\.com\.\t14400\tIN\tA\t192\.0\.2\.10$/m)
  assert.match(readFileSync(join(server.folder, 'zones/zones.conf'), 'utf8'), /zone "alice\.example\.com" IN/)
})

test('the name servers are those of the owner, where a reseller has some', async () => {
  done(await asRoot('setresellernameservers', { user: 'seller', nameservers: 'ns1.seller.example,ns2.seller.example' }))
  await server.account('his', undefined, { owner: 'seller' })
  assert.deepEqual(textOf('his.example.com').match(/\tNS\t.*/g), [
    '\tNS\tns1.seller.example.',
    '\tNS\tns2.seller.example.',
  ])
})

test('an account that is not made leaves no zone', async () => {
  assertFailed(
    await asRoot('createacct', { username: 'never', domain: 'alice.example.com' }),
    'createacct',
    'The domain “alice.example.com” is already in use on this server.',
  )
  assertFailed(
    await asRoot('createacct', { username: 'never', domain: 'never.example.com', plan: 'none' }),
    'createacct',
    'The package “none” does not exist.',
  )
  assertGone('never.example.com')
})

test('a subdomain gets its addresses in the zone, and no second ones', async () => {
  await server.account('subs')
  const token = await server.accountToken('subs')
  const add = (domain: string) =>
    server.uapi(token, 'SubDomain::addsubdomain', { domain, rootdomain: 'subs.example.com' })
  const serial = serialOf('subs.example.com')
  assert.equal((await add('blog')).json.status, 1)
  assert.deepEqual(textOf('subs.example.com').match(/^.*blog.*$/gm), [
    'blog.subs.example.com.\t14400\tIN\tA\t192.0.2.10',
    'www.blog.subs.example.com.\t14400\tIN\tA\t192.0.2.10',
  ])
  assert.ok(serialOf('subs.example.com') > serial)
  assert.equal(
    (await server.uapi(token, 'SubDomain::addsubdomain', { domain: 'blog', rootdomain: 'subs.example.com' })).json
      .status,
    0,
  )
  assert.equal(textOf('subs.example.com').match(/blog/g)?.length, 2)
})

test('another main domain moves the zone with all that is in it, and a taken one moves nothing', async () => {
  await server.account('mover')
  const token = await server.accountToken('mover')
  assert.equal(
    (await server.uapi(token, 'SubDomain::addsubdomain', { domain: 'shop', rootdomain: 'mover.example.com' })).json
      .status,
    1,
  )
  const [before, serial] = [textOf('mover.example.com'), serialOf('mover.example.com')]
  assertFailed(
    await asRoot('modifyacct', { user: 'mover', domain: 'alice.example.com' }),
    'modifyacct',
    'The domain “alice.example.com” is already in use on this server.',
  )
  assert.equal(textOf('mover.example.com'), before)
  done(await asRoot('modifyacct', { user: 'mover', domain: 'moved.example.org' }))
  assertGone('mover.example.com')
  const plain = (text: string) => text.replace(/\d+\t; serial/, '')
  assert.equal(plain(textOf('moved.example.org')), plain(before).replaceAll('mover.example.com', 'moved.example.org'))
  assert.ok(serialOf('moved.example.org') > serial)
  // Another name of the user leaves the zone where it is.
  done(await asRoot('modifyacct', { user: 'mover', newuser: 'renamed' }))
  assert.match(textOf('moved.example.org'), /shop\.moved\.example\.org/)
})

test('another address of the account goes into the records that had the former one, of either kind', async () => {
  await server.account('roamer')
  done(await asRoot('setsiteip', { user: 'roamer', ip: '192.0.2.11' }))
  assert.match(textOf('roamer.example.com'), /^roamer\.example\.com\.\t14400\tIN\tA\t192\.0\.2\.11$/m)
  assert.match(textOf('roamer.example.com'), /"v=spf1 \+a \+mx \+ip4:192\.0\.2\.11 ~all"/)
  done(await asRoot('setsiteip', { user: 'roamer', ip: '2001:db8::11' }))
  assert.match(textOf('roamer.example.com'), /^roamer\.example\.com\.\t14400\tIN\tAAAA\t2001:db8::11$/m)
  assert.match(textOf('roamer.example.com'), /"v=spf1 \+a \+mx \+ip6:2001:db8::11 ~all"/)
  assert.doesNotMatch(textOf('roamer.example.com'), /192\.0\.2\.1[01]/)
})

test('spf and dmarc of createacct, HASSPF and HASDMARC of modifyacct add their records to the zone and take them away', async () => {
  const has = (zone: string) => ['"v=spf1 ', '"v=DMARC1; '].map((begin) => textOf(zone).split(begin).length - 1)
  await server.account('plain')
  assert.deepEqual(has('plain.example.com'), [1, 0])
  await server.account('strict', undefined, { spf: 0, dmarc: 1 })
  assert.deepEqual(has('strict.example.com'), [0, 1])
  assert.match(textOf('strict.example.com'), /^_dmarc\.strict\.example\.com\.\t14400\tIN\tTXT\t"v=DMARC1; p=none;"$/m)
  const change = async (args: Arguments): Promise<unknown> =>
    done(await asRoot('modifyacct', { user: 'strict', ...args })).json.metadata.output
  const serial = serialOf('strict.example.com')
  assert.equal(await change({ contactemail: 'a@example.org' }), undefined)
  assert.equal(await change({ HASSPF: 0, HASDMARC: 1 }), undefined)
  assert.equal(serialOf('strict.example.com'), serial)
  await change({ HASSPF: 1, HASDMARC: 0 })
  assert.deepEqual(has('strict.example.com'), [1, 0])
  assert.match(textOf('strict.example.com'), /"v=spf1 \+a \+mx \+ip4:192\.0\.2\.10 ~all"/)
  const token = await server.accountToken('strict')
  const enabled = async (): Promise<number> =>
    (await server.uapi(token, 'Variables::get_user_information', { name: 'spf_enabled' })).json.data.spf_enabled
  assert.equal(await enabled(), 1)
  // A new domain takes its zone along first; records of the account's own making stay.
  done(await asRoot('addzonerecord', { domain: 'strict.example.com', name: '@', type: 'TXT', txtdata: 'v=spf10' }))
  await change({ domain: 'strict.example.org', HASSPF: 0 })
  assert.deepEqual([has('strict.example.org'), await enabled()], [[0, 0], 0])
  assert.match(textOf('strict.example.org'), /"v=spf10"/)
  done(await asRoot('killdns', { domain: 'strict.example.org' }))
  const warnings = ['The account has no zone “strict.example.org”, so that nothing was done about SPF and DMARC.']
  assert.deepEqual(await change({ HASSPF: 1, HASDMARC: 1 }), { warnings })
})

test('what an account put into its zone stops no change of root’s: a warning says what could not follow', async () => {
  await server.account('stuck')
  const token = await server.accountToken('stuck')
  const zone = 'stuck.example.com'
  const add = async (record: object) => {
    const args = { zone, serial: String(serialOf(zone)), add: JSON.stringify({ ttl: 60, ...record }) }
    const { json, body } = await server.sendToCpanel('/execute/DNS/mass_edit_zone', {
      method: 'POST',
      headers: { authorization: `cpanel ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(args).toString(),
    })
    assert.equal(json.status, 1, body)
  }
  const head = 'v=spf1 ip4:192.0.2.10 é '
  await add({ dname: 'spf', record_type: 'TXT', data: [`${head}-all`] })
  done(await asRoot('setsiteip', { user: 'stuck', ip: '192.0.2.11' }))
  // Each byte of what is not ASCII is one escape, as before.
  assert.match(textOf(zone), /"v=spf1 ip4:192\.0\.2\.11 \\195\\169 -all"/)

  const full = `v=spf1 ip4:192.0.2.11 ${'x'.repeat(65_535 - 257 - 22)}`
  await add({ dname: 'long', record_type: 'TXT', data: [full] })
  const { json } = done(await asRoot('setsiteip', { user: 'stuck', ip: '2001:db8::12' }))
  assert.match(JSON.stringify(json.metadata), /SPF records of the zone “stuck\.example\.com” could not follow: “v=spf1/)
  assert.match(textOf(zone), /^stuck\.example\.com\.\t14400\tIN\tAAAA\t2001:db8::12$/m)
  assert.match(textOf(zone), /"v=spf1 ip4:192\.0\.2\.11 x/)

  const deep = ['a', 'b', 'c'].map((letter) => letter.repeat(60)).join('.')
  await add({ dname: `${deep}.${'d'.repeat(40)}`, record_type: 'A', data: ['192.0.2.7'] })
  const before = textOf(zone)
  const moved = done(await asRoot('modifyacct', { user: 'stuck', domain: `${'e'.repeat(40)}.example.com` })).json
  assert.match(
    JSON.stringify(moved.metadata),
    /The zone “stuck\.example\.com” could not follow and stays as it is: .*longer than 255 bytes.* was made from its template/,
  )
  assert.equal(textOf(zone), before)
  assert.match(textOf(`${'e'.repeat(40)}.example.com`), /\tAAAA\t2001:db8::12$/m)
  done(await asRoot('removeacct', { username: 'stuck' }))
  assertGone(zone)
})

test('a zone goes with its account, by removeacct and by terminatereseller', async () => {
  await server.account('doomed')
  done(await asRoot('removeacct', { username: 'doomed' }))
  assertGone('doomed.example.com')
  await server.account('boss', ['list-accts'])
  await server.account('under', undefined, { owner: 'boss' })
  done(await asRoot('terminatereseller', { user: 'boss', terminatereseller: 1 }))
  for (const zone of ['boss.example.com', 'under.example.com']) assertGone(zone)
  assert.doesNotMatch(readFileSync(join(server.folder, 'zones/zones.conf'), 'utf8'), /doomed|boss|under/)
})

test('keepdns leaves the zone to the owner; the name is then taken, but for whom it is left to and with forcedns', async () => {
  await server.account('left', undefined, { owner: 'seller' })
  const serial = serialOf('left.example.com')
  done(await asRoot('removeacct', { username: 'left', keepdns: 1 }))
  textOf('left.example.com')
  await server.account('rival', ['create-acct', 'manage-api-tokens'])
  const rival = await server.tokenOf('rival', ['create-acct'])
  const seller = await server.tokenOf('seller', ['create-acct'])
  const wanted = { username: 'again', domain: 'left.example.com', password: 'pass-of-again-1' }
  const taken = 'There is a DNS zone named “left.example.com” already.'
  assertFailed(await server.call(rival, 'createacct', { ...wanted, forcedns: 1 }), 'createacct', taken)
  assertFailed(await server.call(seller, 'createacct', wanted), 'createacct', taken)
  done(await server.call(seller, 'createacct', { ...wanted, forcedns: 1 }))
  assert.ok(serialOf('left.example.com') > serial)
})

test('a reseller’s account takes no part of somebody else’s zone away; root may', async () => {
  const seller = await server.tokenOf('seller', ['create-acct'])
  const wanted = { username: 'thief', domain: 'shop.alice.example.com', password: 'pass-of-thief-1' }
  assertFailed(
    await server.call(seller, 'createacct', wanted),
    'createacct',
    'The domain “shop.alice.example.com” is already in use on this server.',
  )
  assertGone('shop.alice.example.com')
  done(await asRoot('createacct', wanted))
  textOf('shop.alice.example.com')
  const editing = await server.tokenOf('seller', ['edit-account'])
  for (const domain of ['shop.alice.example.com', 'x.alice.example.com', 'example.com', 'example.net'])
    assertFailed(
      await server.call(editing, 'modifyacct', { user: 'his', domain }),
      'modifyacct',
      `The domain “${domain}” is already in use on this server.`,
    )
  textOf('his.example.com')
  // What is theirs may be divided.
  done(await server.call(seller, 'createacct', { ...wanted, username: 'divider', domain: 'shop.his.example.com' }))
})

test('files that were lost or changed come back at the next start, from the database', async () => {
  const text = textOf('alice.example.com')
  await server.stop()
  rmSync(fileOf('alice.example.com'))
  const again = await startTestServer({ folder: join(server.folder, '..') })
  try {
    assert.equal(readFileSync(fileOf('alice.example.com'), 'utf8'), text)
    assert.ok(again.logged.some(({ message }) => message === 'zone files were brought in line with the database'))
    assert.ok(readdirSync(join(server.folder, 'zones')).length > 5)
  } finally {
    await again.stop()
  }
})
