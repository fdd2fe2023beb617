/** Certificates of accounts: WHM's functions and UAPI's, the files that a web server loads, and where private keys must never be. */
import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import {
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { keepCertificate } from '../../src/functions/ssl/install.ts'
import { checkPair } from '../../src/hosting/certificates/check.ts'
import { writeBackup } from '../../src/server/backup.ts'
import { restoreInto } from '../../src/server/restore-into.ts'
import { certificateStoreOn } from '../../src/storage/certificate-store.ts'
import { type Authority, type Made, makeAuthority, makeSelfSigned } from '../made-certificates.ts'
import { type Arguments, done, queryOf, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, assertFailed } from './replies.ts'
import { storedRows } from './stored.ts'

let server: TestServer
let authority: Authority
let ssl = ''
let info = ''
let seller = ''
let alice = ''
let made: Made
before(async () => {
  server = await startTestServer({ settings: { cpanelListen: '127.0.0.1:0', accountIp: '192.0.2.10' } })
  authority = await makeAuthority('Test')
  await server.account('seller', ['ssl', 'ssl-info', 'ssl-gencrt', 'list-accts', 'manage-api-tokens', 'cpanel-api'])
  await server.account('alice', undefined, { owner: 'seller' })
  await server.account('bob')
  ssl = await server.rootToken(['ssl'])
  info = await server.rootToken(['ssl-info'])
  seller = await server.tokenOf('seller', ['ssl', 'ssl-info', 'ssl-gencrt'])
  alice = await server.accountToken('alice')
  await server.uapi(alice, 'SubDomain::addsubdomain', { domain: 'blog', rootdomain: 'alice.example.com' })
  made = await authority.issue(['alice.example.com', 'www.alice.example.com', 'elsewhere.example.org'])
})
after(() => server.close())
beforeEach(async () => {
  for (const host of ['alice.example.com', 'blog.alice.example.com', 'bob.example.com'])
    await post(ssl, 'delete_ssl_vhost', { host })
})

const FORM = 'application/x-www-form-urlencoded'
function post(
  credential: string,
  name: string,
  args: Arguments,
  version: Arguments = { 'api.version': 1 },
): Promise<Reply> {
  const body = queryOf({ ...version, ...args })
  return server.send(`/json-api/${name}`, {
    method: 'POST',
    headers: { authorization: `whm ${credential}`, 'content-type': FORM },
    body,
  })
}
const uapi = (name: string, args: Arguments = {}, credential = alice): Promise<Reply> =>
  server.sendToCpanel(`/execute/SSL/${name}`, {
    method: 'POST',
    headers: { authorization: `cpanel ${credential}`, 'content-type': FORM },
    body: queryOf(args),
  })
const pairFor = ({ crt, key }: Made, domain = 'alice.example.com') => ({ domain, crt, key, cab: authority.between.crt })
const installed = () => storedRows(server, 'select site, certificate_id from ssl_sites order by site')
const siteFile = (name: string, site = 'alice.example.com') => join(server.folder, 'ssl/sites', site, name)
const modeOf = (path: string) => (lstatSync(path).mode & 0o777).toString(8)

describe('installssl', () => {
  test('a token that holds only ssl installs a certificate; the files are there for a web server, and for nobody else', async () => {
    const { data, metadata } = done(await post(ssl, 'installssl', pairFor(made))).json
    assert.deepEqual(metadata, { version: 1, command: 'installssl', result: 1, reason: 'OK' })
    const message = data.message
    assert.match(message, /alice\.example\.com/)
    assert.deepEqual(data, {
      action: 'install',
      aliases: 'www.alice.example.com mail.alice.example.com',
      domain: 'alice.example.com',
      extra_certificate_domains: ['elsewhere.example.org'],
      html: `<p>${message}</p>`,
      ip: '192.0.2.10',
      message,
      servername: 'alice.example.com',
      status: 1,
      statusmsg: 'The SSL certificate was successfully installed.',
      user: 'alice',
      warning_domains: ['mail.alice.example.com'],
      working_domains: ['alice.example.com', 'www.alice.example.com'],
    })
    const key = readFileSync(siteFile('private.key'), 'utf8')
    const withChain = readFileSync(siteFile('certificate.crt'), 'utf8')
    assert.equal(readFileSync(siteFile('combined.pem'), 'utf8'), key + withChain)
    assert.ok(new X509Certificate(withChain).checkPrivateKey(createPrivateKey(key)))
    assert.equal(withChain.match(/BEGIN CERTIFICATE/g)?.length, 2)
    for (const name of ['private.key', 'certificate.crt', 'combined.pem']) assert.equal(modeOf(siteFile(name)), '600')
    for (const folder of ['ssl', 'ssl/sites', 'ssl/sites/alice.example.com'])
      assert.equal(modeOf(join(server.folder, folder)), '700')
  })

  test('by an alias it goes to the site that the alias leads to, and in place of what was there; a star covers a subdomain', async () => {
    done(await post(ssl, 'installssl', pairFor(made, 'www.alice.example.com')))
    const star = await authority.issue(['*.alice.example.com'], { kind: 'rsa' })
    done(await post(ssl, 'installssl', pairFor(star, 'blog.alice.example.com')))
    const { data } = done(await post(ssl, 'installssl', pairFor(star, 'www.alice.example.com'))).json
    assert.deepEqual(data.warning_domains, ['alice.example.com'])
    const rows = installed() as { site: string; certificate_id: string }[]
    assert.deepEqual(
      rows.map(({ site }) => site),
      ['alice.example.com', 'blog.alice.example.com'],
    )
    assert.equal(rows[0]?.certificate_id, rows[1]?.certificate_id)
    const [entry] = await server.audit({ function: 'installssl' })
    assert.deepEqual(Object.keys(entry.details).sort(), ['certificate', 'fingerprint256', 'replaced'])
  })

  test('what does not fit, ended, or covers another name is refused and changes nothing', async () => {
    done(await post(ssl, 'installssl', pairFor(made)))
    const before = [
      installed(),
      readFileSync(siteFile('combined.pem'), 'utf8'),
      storedRows(server, 'select id from ssl_keys'),
    ]
    const other = await authority.issue(['alice.example.com'])
    const ended = await authority.issue(['alice.example.com'], { from: -9, to: -1 })
    const foreign = await authority.issue(['bob.example.com'])
    const stranger = (await makeAuthority('Stranger')).between.crt
    for (const [args, problem] of [
      [{ ...pairFor(made), key: other.key }, 'the key is not the key of the certificate'],
      [pairFor(ended), 'the certificate ended on'],
      [pairFor(foreign), 'the certificate does not cover “alice.example.com”'],
      [{ ...pairFor(made), cab: stranger }, 'the chain does not belong to it'],
      [{ ...pairFor(made), crt: made.key + made.crt }, 'private key'],
    ] as const) {
      const reply = await post(ssl, 'installssl', args)
      assert.equal(reply.json.metadata.result, 0)
      assert.ok(reply.json.metadata.reason.includes(problem), reply.body)
      assert.doesNotMatch(reply.body, /BEGIN/)
    }
    assert.deepEqual(
      [installed(), readFileSync(siteFile('combined.pem'), 'utf8'), storedRows(server, 'select id from ssl_keys')],
      before,
    )
  })

  test('a missing argument, another reseller’s domain and a missing privilege', async () => {
    assertFailed(
      await post(ssl, 'installssl', { crt: made.crt, key: made.key }),
      'installssl',
      'The argument “domain” is required.',
    )
    assertFailed(
      await post(ssl, 'installssl', { domain: 'alice.example.com', crt: made.crt }),
      'installssl',
      'The argument “key” is required.',
    )
    const bobs = await authority.issue(['bob.example.com', 'nobody.example.com'])
    for (const domain of ['bob.example.com', 'nobody.example.com'])
      assertFailed(
        await post(seller, 'installssl', pairFor(bobs, domain)),
        'installssl',
        `You have no account with the domain “${domain}”.`,
      )
    assertDenied(await post(info, 'installssl', pairFor(made)), 'installssl', 'ssl')
  })

  test('self-signed and not yet valid ones are taken with a warning', async () => {
    const own = await makeSelfSigned(['alice.example.com'])
    const { metadata } = done(await post(ssl, 'installssl', { ...pairFor(own), cab: '' })).json
    assert.match(metadata.output.warnings.join(), /self-signed/)
    const later = await authority.issue(['alice.example.com'], { from: 2 })
    assert.match(
      done(await post(ssl, 'installssl', pairFor(later))).json.metadata.output.warnings.join(),
      /not valid before/,
    )
  })

  test('without api.version it answers as WHM API 0 did', async () => {
    const { result } = (await post(ssl, 'installssl', pairFor(made), {})).json
    assert.deepEqual([result[0].status, result[0].servername], [1, 'alice.example.com'])
    const failed = (await post(ssl, 'installssl', pairFor(made, 'nobody.example.com'), {})).json
    assert.equal(failed.result[0].status, 0)
  })
})

describe('reading certificates', () => {
  test('fetch_ssl_vhosts tells of each site with what a dashboard needs, and of no key', async () => {
    const rsa = await authority.issue(['blog.alice.example.com'], { kind: 'rsa', policies: ['2.23.140.1.2.1'] })
    done(await post(ssl, 'installssl', pairFor(made)))
    done(await post(ssl, 'installssl', pairFor(rsa, 'blog.alice.example.com')))
    const reply = done(await server.call(info, 'fetch_ssl_vhosts'))
    assert.doesNotMatch(reply.body, /PRIVATE KEY/)
    const [first, second] = reply.json.data.vhosts
    const x509 = new X509Certificate(rsa.crt)
    const { crt, docroot, ...site } = second
    assert.deepEqual(site, {
      servername: 'blog.alice.example.com',
      user: 'alice',
      type: 'sub',
      domains: ['blog.alice.example.com', 'www.blog.alice.example.com', 'mail.blog.alice.example.com'],
      ip: '192.0.2.10',
      iptype: 'shared',
      ipv6: [],
      is_primary_on_ip: 0,
      mail_sni_status: 0,
      needs_sni: 1,
    })
    assert.equal(docroot, join(server.folder, 'home/alice/blog.alice.example.com'))
    const { id, created, modulus, ...facts } = crt
    assert.match(id, /^blog_alice_example_com_\d+_[0-9a-f]{32}$/)
    assert.ok(Math.abs(created - Date.now() / 1000) < 60)
    assert.match(modulus, /^[0-9a-f]{512}$/)
    assert.deepEqual(facts, {
      domains: ['blog.alice.example.com'],
      'issuer.commonName': 'Test Between',
      'issuer.organizationName': '',
      issuer_text: 'CN=Test Between',
      'subject.commonName': 'blog.alice.example.com',
      subject_text: 'CN=blog.alice.example.com',
      not_before: Date.parse(x509.validFrom) / 1000,
      not_after: Date.parse(x509.validTo) / 1000,
      is_self_signed: 0,
      modulus_length: 2048,
      encryption_algorithm: 'rsaEncryption',
      ecdsa_curve_name: null,
      ecdsa_public: null,
      signature_algorithm: 'ecdsa-with-SHA256',
      serial: x509.serialNumber,
      public_exponent: '010001',
      validation_type: 'dv',
    })
    assert.deepEqual([first.type, first.is_primary_on_ip, first.needs_sni], ['main', 1, 0])
    assert.deepEqual([first.crt.ecdsa_curve_name, first.crt.modulus], ['prime256v1', null])
  })

  test('fetchsslinfo gives key and chain to a holder of ssl-info, by domain and by certificate, and the trail says so', async () => {
    done(await post(ssl, 'installssl', pairFor(made)))
    const { data } = done(await post(info, 'fetchsslinfo', { domain: 'www.alice.example.com', crtdata: '' })).json
    assert.deepEqual([data.domain, data.user, data.ip, data.status], ['alice.example.com', 'alice', '192.0.2.10', 1])
    assert.ok(new X509Certificate(data.crt).checkPrivateKey(createPrivateKey(data.key)))
    assert.equal(new X509Certificate(data.cab).subject, 'CN=Test Between')
    const [entry] = await server.audit({ function: 'fetchsslinfo' })
    assert.deepEqual([entry.target, entry.outcome], ['www.alice.example.com', 'done'])
    assert.equal(done(await post(info, 'fetchsslinfo', { crtdata: made.crt })).json.data.key, data.key)
    const old = (await post(info, 'fetchsslinfo', { domain: 'alice.example.com' }, {})).json
    assert.deepEqual([old.status, old.key], [1, data.key])
  })

  test('keys go to nobody else: not without the privilege, not of another’s account, and there is nothing where nothing is installed', async () => {
    const bobs = await authority.issue(['bob.example.com'])
    done(await post(ssl, 'installssl', pairFor(bobs, 'bob.example.com')))
    assertDenied(await post(ssl, 'fetchsslinfo', { domain: 'bob.example.com' }), 'fetchsslinfo', 'ssl-info')
    assertDenied(
      await post(ssl, 'fetch_ssl_certificates_for_fqdns', { domains: 'bob.example.com' }),
      'fetch_ssl_certificates_for_fqdns',
      'ssl-info',
    )
    assertFailed(
      await post(seller, 'fetchsslinfo', { domain: 'bob.example.com' }),
      'fetchsslinfo',
      'You have no account with the domain “bob.example.com”.',
    )
    const unknown = done(await post(seller, 'fetchsslinfo', { crtdata: bobs.crt })).json.data
    assert.deepEqual([unknown.key, unknown.user], ['', ''])
    assert.deepEqual(
      done(await post(seller, 'fetch_ssl_certificates_for_fqdns', { domains: 'bob.example.com' })).json.data,
      { payload: [] },
    )
    assert.doesNotMatch(done(await post(seller, 'fetch_ssl_vhosts', {})).body, /bob/)
    assert.doesNotMatch(done(await post(seller, 'listcrts', {})).body, /bob/)
    assertFailed(
      await post(info, 'fetchsslinfo', { domain: 'alice.example.com' }),
      'fetchsslinfo',
      'No certificate is installed for “alice.example.com”.',
    )
    assertFailed(
      await post(info, 'fetchsslinfo', {}),
      'fetchsslinfo',
      'The argument “domain” or “crtdata” is required.',
    )
    assert.match(
      (await post(info, 'fetchsslinfo', { domain: 'bob.example.com', crtdata: bobs.crt })).body,
      /do not fit together/,
    )
  })

  test('fetch_ssl_certificates_for_fqdns gives what covers one of the domains, the longest first', async () => {
    const star = await authority.issue(['*.alice.example.com'], { to: 365 })
    done(await post(ssl, 'installssl', pairFor(made)))
    done(await post(ssl, 'installssl', pairFor(star, 'blog.alice.example.com')))
    const { payload } = done(
      await post(info, 'fetch_ssl_certificates_for_fqdns', { domains: 'www.alice.example.com,other.example.net' }),
    ).json.data
    const shown = payload.filter((one: { crt: string }) => [star.crt, made.crt].includes(one.crt))
    assert.deepEqual(
      shown.map((one: { crt: string }) => one.crt),
      [star.crt, made.crt],
    )
    for (const one of payload) assert.ok(new X509Certificate(one.crt).checkPrivateKey(createPrivateKey(one.key)))
  })

  test('listcrts lists what accounts have, installed or not, by account too', async () => {
    done(await post(ssl, 'installssl', pairFor(made)))
    const of = async (args: Arguments) => done(await post(info, 'listcrts', args)).json.data.crt
    const mine = (await of({ user: 'alice', registered: 1 })).find(
      (one: { serial: string }) => one.serial === new X509Certificate(made.crt).serialNumber,
    )
    assert.deepEqual(
      [mine.domain, mine.user, mine.is_installed, mine.domain_owners[0]],
      ['alice.example.com', 'alice', 1, 'alice'],
    )
    assert.deepEqual(mine.domains, ['alice.example.com', 'www.alice.example.com', 'elsewhere.example.org'])
    done(await post(ssl, 'delete_ssl_vhost', { host: 'alice.example.com' }))
    const same = (await of({})).find((one: { id: string }) => one.id === mine.id)
    assert.equal(same.is_installed, 0)
    assertFailed(await post(seller, 'listcrts', { user: 'bob' }), 'listcrts', 'You have no account named “bob”.')
  })
})

describe('generatessl and delete_ssl_vhost', () => {
  test('generatessl makes a key, a request and a certificate that fit each other and can be installed', async () => {
    const args = {
      domains: 'alice.example.com,*.alice.example.com',
      countryName: 'DE',
      organizationName: 'Org',
      keysize: 2048,
    }
    const { data } = done(await post(seller, 'generatessl', args)).json
    assert.ok(new X509Certificate(data.cert).checkPrivateKey(createPrivateKey(data.key)))
    assert.match(data.csr, /^-----BEGIN CERTIFICATE REQUEST-----\n[\s\S]+-----END CERTIFICATE REQUEST-----\n$/)
    assert.deepEqual([data.host, data.user], ['alice.example.com', 'alice'])
    done(await post(ssl, 'installssl', { domain: 'alice.example.com', crt: data.cert, key: data.key }))
    const [row] = installed() as { certificate_id: string }[]
    assert.equal(row?.certificate_id, data.cert_id)
    assertFailed(
      await post(seller, 'generatessl', { domains: 'alice.example.com,bob.example.com' }),
      'generatessl',
      'You have no account with the domain “bob.example.com”.',
    )
    assertDenied(await post(ssl, 'generatessl', args), 'generatessl', 'ssl-gencrt')
  })

  test('delete_ssl_vhost takes the files away; the account keeps the certificate', async () => {
    done(await post(ssl, 'installssl', pairFor(made)))
    const { data } = done(await post(ssl, 'delete_ssl_vhost', { host: 'alice.example.com' })).json
    assert.deepEqual(data.removed_vhost_data[0].servername, 'alice.example.com')
    assert.ok(!existsSync(siteFile('private.key')))
    assertFailed(
      await post(ssl, 'delete_ssl_vhost', { host: 'alice.example.com' }),
      'delete_ssl_vhost',
      'No certificate is installed for “alice.example.com”.',
    )
    assert.match(done(await post(info, 'listcrts', { user: 'alice' })).body, /elsewhere\.example\.org/)
    assertDenied(await post(info, 'delete_ssl_vhost', { host: 'alice.example.com' }), 'delete_ssl_vhost', 'ssl')
  })
})

describe('UAPI SSL', () => {
  const args = () => ({ domain: 'alice.example.com', cert: made.crt, key: made.key, cabundle: authority.between.crt })

  test('install_ssl, installed_hosts, list_certs and delete_ssl', async () => {
    const { data, messages, status } = (await uapi('install_ssl', args())).json
    assert.deepEqual([status, data.action, data.user], [1, 'install', 'alice'])
    assert.deepEqual(messages, [data.statusmsg])
    const [host] = (await uapi('installed_hosts')).json.data
    assert.deepEqual(
      [host.servername, host.certificate.id, host.certificate.is_autossl],
      ['alice.example.com', data.cert_id, 0],
    )
    assert.deepEqual(
      [host.certificate.key_algorithm, host.certificate['issuer.commonName']],
      ['id-ecPublicKey', 'Test Between'],
    )
    assert.equal(host.certificate_text, made.crt)
    const certs = await uapi('list_certs')
    const listed = certs.json.data.find((one: { id: string }) => one.id === data.cert_id)
    assert.deepEqual([listed.domain_is_configured, listed.friendly_name], [1, 'alice.example.com'])
    const keys = await uapi('list_keys')
    assert.ok(keys.json.data.some((one: { id: string }) => one.id === data.key_id))
    for (const reply of [certs, keys]) assert.doesNotMatch(reply.body, /PRIVATE KEY/)
    const removed = (await uapi('delete_ssl', { domain: 'alice.example.com' })).json
    assert.deepEqual([removed.status, removed.messages], [1, ['The SSL host was successfully removed.']])
    const again = (await uapi('delete_ssl', { domain: 'alice.example.com' })).json
    assert.deepEqual([again.status, again.errors], [0, ['No certificate is installed for “alice.example.com”.']])
  })

  test('delete_cert and delete_key delete by id or name what nothing needs any longer, of the own account alone', async () => {
    await server.account('gil')
    const gil = await server.accountToken('gil')
    const mine = async (name: string, more: Readonly<Record<string, string>> = {}) =>
      (await server.uapi(gil, `SSL::${name}`, more)).json
    const { crt: cert, key } = await authority.issue(['gil.example.com'])
    const { data } = await mine('install_ssl', { domain: 'gil.example.com', cert, key })
    const { cert_id: certificate, key_id: keyId } = data
    const fails = async (name: string, args: Readonly<Record<string, string>>, error: string) =>
      assert.deepEqual((await mine(name, args)).errors, [error])
    await fails('delete_cert', {}, 'The argument “id” or “friendly_name” is required.')
    await fails('delete_key', { id: '', friendly_name: '' }, 'The argument “id” or “friendly_name” is required.')
    await fails('delete_cert', { id: 'x' }, 'You have no certificate with this id or name: “x”.')
    await fails('delete_key', { friendly_name: 'x' }, 'You have no key with this id or name: “x”.')
    const others = (await uapi('generate_key', { keytype: 'ecdsa-prime256v1' })).json.data.id
    await fails('delete_key', { id: others }, `You have no key with this id or name: “${others}”.`)
    const installed = 'The certificate is installed on “gil.example.com”; SSL::delete_ssl takes it from there.'
    await fails('delete_cert', { id: certificate }, installed)
    await fails(
      'delete_key',
      { id: keyId },
      `The key belongs to the certificate “${certificate}”; SSL::delete_cert deletes that.`,
    )
    for (let made = 0; made < 2; made += 1)
      await mine('generate_key', { keytype: 'ecdsa-prime256v1', friendly_name: 'twin' })
    const several = 'The arguments do not fit together: “friendly_name” fits several, so that “id” must tell which.'
    await fails('delete_key', { friendly_name: 'twin' }, several)
    await fails(
      'delete_key',
      { id: keyId, friendly_name: 'twin' },
      'The arguments do not fit together: “friendly_name” is not the name of “id”.',
    )
    assert.equal((await mine('delete_ssl', { domain: 'gil.example.com' })).status, 1)
    const [listed] = (await mine('list_certs')).data
    const deleted = await mine('delete_cert', { friendly_name: 'gil.example.com' })
    const { domain_is_configured: _, ...shown } = listed
    assert.deepEqual([deleted.status, deleted.data], [1, [shown]])
    const [entry] = await server.audit({ function: 'SSL::delete_cert', outcome: 'done' })
    assert.deepEqual([entry.target, entry.details.certificate], ['gil.example.com', certificate])
    const keys = (await mine('list_keys')).data
    for (const one of keys) assert.deepEqual((await mine('delete_key', { id: one.id })).data, [one])
    assert.deepEqual([(await mine('list_certs')).data, (await mine('list_keys')).data, keys.length], [[], [], 3])
    assert.ok((await uapi('list_keys')).json.data.some(({ id }: { id: string }) => id === others))
    done(await server.root('removeacct', { username: 'gil' }))
  })

  test('generate_key and generate_csr, of each kind; only the reply that makes a key shows it', async () => {
    for (const [keytype, bits] of [
      ['ecdsa-secp384r1', null],
      ['system', 2048],
    ] as const) {
      const { data } = (await uapi('generate_key', { keytype, friendly_name: 'mine' })).json
      assert.deepEqual([data.friendly_name, data.modulus_length], ['mine', bits])
      assert.doesNotThrow(() => createPrivateKey(data.text))
      const holder = { countryName: 'DE', stateOrProvinceName: 'B', localityName: 'B', organizationName: 'Ö' }
      const made = (await uapi('generate_csr', { domains: 'alice.example.com', key_id: data.id, ...holder })).json
      assert.deepEqual([made.status, made.data.commonName], [1, 'alice.example.com'], JSON.stringify(made))
      assert.deepEqual(made.messages, ['Certificate Signing Request generated!'])
      assert.match(made.data.text, /^-----BEGIN CERTIFICATE REQUEST-----/)
    }
    const lacking = (await uapi('generate_csr', { domains: 'alice.example.com', key_id: 'x', countryName: 'DE' })).json
    assert.deepEqual(lacking.errors, ['The argument “stateOrProvinceName” is required.'])
    const noted = { countryName: '', stateOrProvinceName: 'B', localityName: 'B', organizationName: 'O' }
    const empty = (await uapi('generate_csr', { domains: 'alice.example.com', key_id: 'x', ...noted })).json
    assert.deepEqual(empty.errors, ['The argument “countryName” is required.'])
    const unknown = {
      domains: 'a.example.com',
      key_id: 'x',
      countryName: 'DE',
      stateOrProvinceName: 'B',
      localityName: 'B',
      organizationName: 'O',
    }
    assert.deepEqual((await uapi('generate_csr', unknown)).json.errors, ['There is no key with the id “x”.'])
  })

  test('who asks for very many RSA keys at once is told to wait, and everybody else goes on', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, () => uapi('generate_key', { keytype: 'rsa-2048' })))
    const statuses = all.map((reply) => reply.status)
    assert.deepEqual([...new Set(statuses)].sort(), [200, 503])
    assert.ok(statuses.filter((status) => status === 200).length >= 2)
    assert.equal((await uapi('generate_key', { keytype: 'rsa-2048' })).json.status, 1)
  })

  test('an account without the features, and one that names another’s domain, are refused', async () => {
    const bobs = { ...args(), domain: 'bob.example.com' }
    assert.deepEqual((await uapi('install_ssl', bobs)).json.errors, [
      'You have no account with the domain “bob.example.com”.',
    ])
    done(await server.root('create_featurelist', { featurelist: 'no_ssl', apitokens: 1 }))
    await server.account('carol', undefined, { featurelist: 'no_ssl' })
    const carol = await server.accountToken('carol')
    for (const [name, feature] of [
      ['install_ssl', 'sslinstall'],
      ['list_keys', 'sslmanager'],
    ])
      assert.deepEqual((await uapi(name ?? '', args(), carol)).json.errors, [
        `You do not have the feature “${feature}”.`,
      ])
  })
})

describe('private keys', () => {
  test('K3: stand in no table, log, trail or list in clear, and in no file but those of mode 0600', async () => {
    done(await post(ssl, 'installssl', pairFor(made)))
    done(await post(info, 'fetchsslinfo', { domain: 'alice.example.com' }))
    await post(ssl, 'installssl', { ...pairFor(made), domain: made.key, crt: made.key })
    await server.call(ssl, 'installssl', { domain: 'alice.example.com', crt: made.key.slice(0, 400), key: made.key })
    await server.root('suspendacct', { user: 'bob', reason: made.key })
    const secret = made.key.split('\n')[1] ?? ''
    assert.ok(secret.length > 40)
    const escaped = [secret, encodeURIComponent(secret)]
    const holds = (text: string) => escaped.some((form) => text.includes(form))
    for (const { name } of storedRows(server, "select name from sqlite_master where type = 'table'") as {
      name: string
    }[])
      assert.ok(!holds(JSON.stringify(storedRows(server, `select * from "${name}"`))), name)
    assert.ok(!holds(JSON.stringify(server.logged)))
    await server.server.reload()
    for (const path of readdirSync(server.folder, { recursive: true, encoding: 'utf8' })) {
      const full = join(server.folder, path)
      if (!lstatSync(full).isFile() || !holds(readFileSync(full, 'utf8'))) continue
      assert.match(path, /^ssl\/sites\/alice\.example\.com\/(private\.key|combined\.pem)$/)
      assert.equal(modeOf(full), '600')
    }
    const bob = done(await server.root('accountsummary', { user: 'bob' })).json.data.acct[0]
    assert.equal(bob.suspended, 0)
  })
})

describe('AutoSSL', () => {
  test('AutoSSL is off until the settings say otherwise: it asks nobody, and says so', async () => {
    const { payload } = done(await server.root('get_autossl_providers')).json.data
    assert.deepEqual(payload, [
      {
        module_name: 'ACME',
        display_name: 'acme-v02.api.letsencrypt.org',
        enabled: 0,
        specs: {
          DCV_METHODS: ['http'],
          MAX_DOMAINS_PER_CERTIFICATE: 100,
          SUPPORTS_ANCESTOR_DCV: 0,
          SUPPORTS_WILDCARD: 0,
        },
        x_directory: 'https://acme-v02.api.letsencrypt.org/directory',
        x_terms_of_service_accepted: 0,
      },
    ])
    const off = 'No certificate is had automatically: the setting autossl is off.'
    assertFailed(
      await post(seller, 'start_autossl_check_for_one_user', { username: 'alice' }),
      'start_autossl_check_for_one_user',
      off,
    )
    assertFailed(await server.root('start_autossl_check_for_all_users'), 'start_autossl_check_for_all_users', off)
    assertFailed(
      await post(seller, 'start_autossl_check_for_one_user', { username: 'bob' }),
      'start_autossl_check_for_one_user',
      'You have no account named “bob”.',
    )
    const mine = done(await post(seller, 'postern_autossl_list', {})).json.data
    assert.equal(mine.enabled, 0)
    assert.deepEqual([...new Set(mine.sites.map((site: { user: string }) => site.user))], ['alice'])
    assert.deepEqual(storedRows(server, 'select 1 from autossl_state'), [])
  })

  test('a server that is to have its own certificate automatically, and is not told where to answer, does not start', async () => {
    await assert.rejects(
      startTestServer({ settings: { serverCertificate: 'autossl' } }),
      /nothing says where challenges/,
    )
  })
})

describe('files and backups', () => {
  test('what the machine cannot write now is told in a warning, and written at the next start', async () => {
    const first = await startTestServer()
    const base = join(first.folder, '..')
    const install = async (server: TestServer, pair: Made) => {
      const body = queryOf({ 'api.version': 1, ...pairFor(pair, 'kim.example.com') })
      const headers = { authorization: `whm ${await server.rootToken(['ssl'])}`, 'content-type': FORM }
      return done(await server.send('/json-api/installssl', { method: 'POST', body, headers })).json
    }
    try {
      await first.account('kim')
      await install(first, await authority.issue(['kim.example.com']))
      const place = join(first.folder, 'ssl/sites/kim.example.com')
      rmSync(place, { recursive: true })
      writeFileSync(place, 'in the way')
      const second = await authority.issue(['kim.example.com'])
      const { metadata } = await install(first, second)
      assert.match(metadata.output.warnings.join(), /the machine has not carried out “write-certificate” yet/)
      await first.stop()
      rmSync(place)
      const again = await startTestServer({ folder: base })
      try {
        const { serialNumber } = new X509Certificate(readFileSync(join(place, 'combined.pem')))
        assert.equal(serialNumber, new X509Certificate(second.crt).serialNumber)
        assert.deepEqual(storedRows(again, 'select 1 from host_tasks'), [])
      } finally {
        await again.stop()
      }
    } finally {
      await first.close()
    }
  })

  test('a backup holds keys sealed; with the pepper a restored server writes the same files, without it nobody reads them', async () => {
    done(await post(ssl, 'installssl', pairFor(made)))
    const combined = readFileSync(siteFile('combined.pem'), 'utf8')
    const base = await mkdtemp(join(tmpdir(), 'postern-restored-'))
    try {
      const file = createWriteStream(join(base, 'backup'))
      await writeBackup(server.server.runtime, file)
      if (!file.closed) await once(file, 'close')
      const text = gunzipSync(readFileSync(join(base, 'backup'))).toString('utf8')
      assert.match(text, /"ssl_keys"/)
      assert.ok(!text.includes(made.key.split('\n')[1] ?? ''))
      assert.doesNotMatch(text, /PRIVATE KEY/)
      const settings = { ...server.server.runtime.settings, data: join(base, 'data') }
      await restoreInto(settings, join(base, 'backup'), join(server.folder, 'pepper'))
      const restored = await startTestServer({ folder: base })
      try {
        assert.equal(readFileSync(join(restored.folder, 'ssl/sites/alice.example.com/combined.pem'), 'utf8'), combined)
      } finally {
        await restored.stop()
      }
    } finally {
      await rm(base, { recursive: true, force: true })
    }
  })
})

describe('the life of an account', () => {
  test('a new name of the account changes nothing; a new main domain ends what named the old one; removal takes all', async () => {
    await server.account('dora')
    const dora = await authority.issue(['dora.example.com'])
    done(await post(ssl, 'installssl', pairFor(dora, 'dora.example.com')))
    done(await server.root('modifyacct', { user: 'dora', newuser: 'dorothy' }))
    assert.equal(done(await post(info, 'fetchsslinfo', { domain: 'dora.example.com' })).json.data.user, 'dorothy')
    done(await server.root('modifyacct', { user: 'dorothy', domain: 'dora.example.org' }))
    assert.ok(!existsSync(siteFile('private.key', 'dora.example.com')))
    assert.match(done(await post(info, 'listcrts', { user: 'dorothy' })).body, /dora\.example\.com/)
    const next = await authority.issue(['dora.example.org'])
    done(await post(ssl, 'installssl', pairFor(next, 'dora.example.org')))
    const { path } = done(await server.root('postern_backup_account', { user: 'dorothy' })).json.data
    assert.ok(existsSync(path))
    done(await server.root('removeacct', { username: 'dorothy' }))
    assert.ok(!existsSync(siteFile('private.key', 'dora.example.org')))
    for (const table of ['ssl_sites', 'ssl_certificates', 'ssl_keys'])
      assert.deepEqual(
        storedRows(server, `select 1 from ${table} where user_id = (select max(id) from users where name = 'dorothy')`),
        [],
      )
  })

  test('a start writes the files that are missing, and puts aside what belongs to no site', async () => {
    const first = await startTestServer()
    const folder = join(first.folder, '..')
    await first.account('erin')
    const erin = await authority.issue(['erin.example.com'])
    const token = await first.rootToken(['ssl'])
    const body = queryOf({ 'api.version': 1, ...pairFor(erin, 'erin.example.com') })
    done(
      await first.send('/json-api/installssl', {
        method: 'POST',
        body,
        headers: { authorization: `whm ${token}`, 'content-type': FORM },
      }),
    )
    await first.stop()
    const sites = join(first.folder, 'ssl/sites')
    const before = readFileSync(join(sites, 'erin.example.com/combined.pem'), 'utf8')
    rmSync(join(sites, 'erin.example.com/certificate.crt'))
    mkdirSync(join(sites, 'stranger.example.com'))
    writeFileSync(join(sites, 'stranger.example.com/private.key'), 'kept')
    const second = await startTestServer({ folder })
    try {
      assert.deepEqual(readdirSync(sites), ['erin.example.com'])
      assert.equal(readFileSync(join(sites, 'erin.example.com/combined.pem'), 'utf8'), before)
      assert.ok(existsSync(join(sites, 'erin.example.com/certificate.crt')))
      const [aside = ''] = readdirSync(join(first.folder, 'ssl/.orphaned'))
      assert.match(aside, /^stranger\.example\.com-/)
      assert.equal(readFileSync(join(first.folder, 'ssl/.orphaned', aside, 'private.key'), 'utf8'), 'kept')
    } finally {
      await second.stop()
      await first.close()
    }
  })
})

test('an account keeps at most 500 keys and 500 certificates; what it has already and automatic ones find room', async () => {
  await server.account('fay')
  const fay = await server.accountToken('fay')
  const { runtime } = server.server
  const account = await runtime.stores.accounts.findAccount('fay')
  assert.ok(account)
  const { userId } = account
  const [first, second] = [await authority.issue(['fay.example.com']), await authority.issue(['fay.example.com'])]
  const install = async ({ crt, key }: Made) =>
    (await server.uapi(fay, 'SSL::install_ssl', { domain: 'fay.example.com', cert: crt, key })).json
  const { status, data } = await install(first)
  assert.equal(status, 1)
  const certificates = runtime.stores.certificates
  const [key] = await certificates.listKeys(userId)
  const certificate = await certificates.findCertificate(userId, data.cert_id)
  assert.ok(key && certificate)
  const fill = (what: 'keys' | 'certificates', to: number) =>
    runtime.storage.write(async (trx) => {
      const store = certificateStoreOn(trx)
      const has = await (what === 'keys' ? store.countKeys(userId) : store.countCertificates(userId))
      for (let index = has; index < to; index += 1)
        await (what === 'keys'
          ? store.insertKey({ ...key, id: `filled ${index}` }, 'sealed')
          : store.insertCertificate({ ...certificate, id: `filled ${index}` }))
    })
  await fill('keys', 499)
  assert.equal((await server.uapi(fay, 'SSL::generate_key', { keytype: 'ecdsa-prime256v1' })).json.status, 1)
  const refusals = async (): Promise<string[]> => [
    ...(await server.uapi(fay, 'SSL::generate_key', { keytype: 'ecdsa-prime256v1' })).json.errors,
    ...(await install(second)).errors,
    (await post(ssl, 'installssl', { domain: 'fay.example.com', crt: second.crt, key: second.key })).json.metadata
      .reason,
  ]
  const keys = 'The limit of the account is reached: stored keys: 500.'
  assert.deepEqual(await refusals(), [keys, keys, keys])
  assert.equal((await install(first)).status, 1)
  await fill('certificates', 500)
  const full = 'The limit of the account is reached: stored certificates: 500.'
  assert.deepEqual(await refusals(), [keys, full, full])
  assert.equal((await install(first)).status, 1)
  // What makes room is deleting: the certificate first, then the key that it had.
  for (const [name, id] of [
    ['SSL::delete_cert', 'filled 499'],
    ['SSL::delete_cert', 'filled 498'],
    ['SSL::delete_key', 'filled 498'],
    ['SSL::delete_key', 'filled 497'],
  ] as const)
    assert.equal((await server.uapi(fay, name, { id })).json.status, 1, id)
  assert.equal((await install(await authority.issue(['fay.example.com']))).status, 1)
  await fill('certificates', 500)
  const { certificate: renewed, ...rest } = await checkPair(second.crt, second.key, undefined, new Date())
  const context = { stores: runtime.stores, services: { peppers: runtime.folder.pepper }, now: new Date() }
  await runtime.door.write(
    (stores) =>
      keepCertificate({ ...context, stores }, userId, { ...rest, certificate: renewed, provider: 'authority' }),
    { urgent: false },
  )
  assert.equal(await certificates.countCertificates(userId), 501)
  done(await server.root('removeacct', { username: 'fay' }))
})
