/**
 * Automatic certificates against Debian's Pebble with validation on: issued over the pages of an account, installed, listed, renewed,
 * refused and tried again, deleted; and the certificate of Postern itself. What was written is judged by OpenSSL.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import type { Settings } from '../../src/config/schema.ts'
import { addTxt } from '../../src/functions/zones/change-zone.ts'
import { CallFigures } from '../../src/server/call-figures.ts'
import { metricsOf } from '../../src/server/metrics-door.ts'
import { storedRows } from '../api/stored.ts'
import { makeAuthority } from '../made-certificates.ts'
import { done, startTestServer, type TestServer } from '../start-server.ts'
import {
  eventually,
  opensslVerify,
  type Pebble,
  shownBy,
  startNamed,
  startPebble,
  startWebServer,
  writeLoopbackZone,
} from './pebble.ts'

const runFile = promisify(execFile)
const DAY_MS = 86_400_000
let folder = ''
let named: Awaited<ReturnType<typeof startNamed>>
let web: Awaited<ReturnType<typeof startWebServer>>
let pebble: Pebble
/** What the web server shows, by host name. */
const pages = new Map<string, string | Promise<string | undefined>>()
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-autossl-'))
  await writeLoopbackZone(join(folder, 'example.com.db'), 'example.com')
  named = await startNamed({ 'example.com': join(folder, 'example.com.db') })
  web = await startWebServer((host) => pages.get(host))
  pebble = await startPebble(named.port, web.port)
})
after(async () => {
  await pebble.stop()
  await web.stop()
  await named.stop()
  await rm(folder, { recursive: true, force: true })
})

const settingsOf = (more: Partial<Settings> = {}): Partial<Settings> => ({
  autossl: 'on',
  acmeDirectory: pebble.directory,
  acmeTermsAgreed: 'yes',
  acmeCaFile: pebble.caFile,
  acmeContact: ['admin@example.com'],
  ...more,
})

type Site = { readonly site: string; readonly result: string; readonly [key: string]: string | number | null }
async function stateOf(server: TestServer, site: string): Promise<Site | undefined> {
  const { sites } = done(await server.root('postern_autossl_list')).json.data
  return sites.find((one: Site) => one.site === site)
}
const tried = (server: TestServer, site: string, result: string): Promise<Site> =>
  eventually(`${site} ${result}`, async () => {
    const state = await stateOf(server, site)
    return state?.result === result ? state : undefined
  })
const check = async (server: TestServer, username: string) =>
  done(await server.call(await server.rootToken(['ssl']), 'start_autossl_check_for_one_user', { username }))
const siteFolder = (server: TestServer, site: string) => join(server.folder, 'ssl/sites', site)
/** The files follow the commit. */
const certificateOf = (server: TestServer, site: string): Promise<X509Certificate> =>
  eventually(`the files of ${site}`, async () => {
    const path = siteFolder(server, site)
    return existsSync(join(path, 'combined.pem'))
      ? new X509Certificate(readFileSync(join(path, 'certificate.crt')))
      : undefined
  })

describe('the life of an automatic certificate', () => {
  test('issued with the names that lead here, installed, listed, renewed with a new key before its end, and deleted', async () => {
    let shiftMs = 0
    const server = await startTestServer({ settings: settingsOf(), wallMs: () => Date.now() + shiftMs })
    try {
      await server.account('alice')
      // Nothing is served yet under www.
      pages.set('alice.example.com', join(server.folder, 'home/alice/public_html'))
      const { pid } = (await check(server, 'alice')).json.data
      assert.equal(pid, process.pid)
      const state = await tried(server, 'alice.example.com', 'issued')
      const first = await certificateOf(server, 'alice.example.com')
      assert.equal(first.subjectAltName, 'DNS:alice.example.com')
      const key = readFileSync(join(siteFolder(server, 'alice.example.com'), 'private.key'), 'utf8')
      assert.ok(first.checkPrivateKey(createPrivateKey(key)))
      const chain = readFileSync(join(siteFolder(server, 'alice.example.com'), 'certificate.crt'), 'utf8')
      assert.match(await opensslVerify(await pebble.root(), chain), /: OK$/)
      // As a web server shows it, to a client that checks chain and name.
      const combined = join(siteFolder(server, 'alice.example.com'), 'combined.pem')
      assert.match(await shownBy(combined, await pebble.root(), 'alice.example.com'), /Verification: OK/)
      assert.deepEqual([state.user, state.provider, state.failures], ['alice', 'localhost', 0])
      const { vhosts } = done(await server.root('fetch_ssl_vhosts')).json.data
      const dates = [first.validFrom, first.validTo].map((text) => Date.parse(text) / 1000)
      assert.deepEqual([vhosts[0].crt.not_before, vhosts[0].crt.not_after], dates)
      // The challenge was answered among the pages, and is gone.
      assert.ok(web.asked.some((path) => path.startsWith('alice.example.com/.well-known/acme-challenge/')))
      assert.deepEqual(readdirSync(join(server.folder, 'home/alice/public_html/.well-known/acme-challenge')), [])
      const [entry] = await server.audit({ function: 'autossl', target: 'alice.example.com' })
      assert.deepEqual([entry.outcome, entry.details.account], ['done', 'alice'])
      // A look that finds nothing due asks the authority for nothing.
      await check(server, 'alice')
      pages.set('www.alice.example.com', join(server.folder, 'home/alice/public_html'))
      shiftMs = first.validToDate.getTime() - Date.now() - 29 * DAY_MS
      await check(server, 'alice')
      const second = await eventually('a renewal', async () => {
        const now = await certificateOf(server, 'alice.example.com')
        return now.fingerprint256 === first.fingerprint256 ? undefined : now
      })
      assert.equal(second.subjectAltName, 'DNS:alice.example.com, DNS:www.alice.example.com')
      assert.notEqual(readFileSync(join(siteFolder(server, 'alice.example.com'), 'private.key'), 'utf8'), key)
      await eventually('the old one to go', async () =>
        storedRows(server, 'select 1 from ssl_keys').length === 1 ? true : undefined,
      )
      assert.equal(storedRows(server, 'select 1 from ssl_certificates').length, 1)
      done(await server.root('delete_ssl_vhost', { host: 'alice.example.com' }))
      assert.ok(!existsSync(siteFolder(server, 'alice.example.com')))
      assert.doesNotMatch(JSON.stringify(server.logged), /PRIVATE KEY/)
    } finally {
      await server.close()
    }
  })

  test('a refusal is kept with its reason, tried again later and later, and at once when somebody asks', async () => {
    let shiftMs = 0
    const server = await startTestServer({ settings: settingsOf(), wallMs: () => Date.now() + shiftMs })
    try {
      await server.account('bob')
      pages.set('bob.example.com', join(folder, 'nowhere'))
      await check(server, 'bob')
      const first = await tried(server, 'bob.example.com', 'failed')
      assert.match(String(first.problem), /404|Invalid response|unauthorized/i)
      assert.equal(first.failures, 1)
      const waits = Number(first.next_try) - Number(first.last_try)
      assert.ok(waits >= 2699 && waits <= 4501, String(waits))
      const [entry] = await server.audit({ function: 'autossl', target: 'bob.example.com' })
      assert.equal(entry.outcome, 'failed')
      // Before its time nothing is tried: another account's check lets all due sites be looked at.
      await server.account('carol')
      pages.set('carol.example.com', join(server.folder, 'home/carol/public_html'))
      await check(server, 'carol')
      await tried(server, 'carol.example.com', 'issued')
      assert.equal((await stateOf(server, 'bob.example.com'))?.failures, 1)
      await check(server, 'bob')
      const second = await eventually('a second failure', async () => {
        const state = await stateOf(server, 'bob.example.com')
        return state?.failures === 2 ? state : undefined
      })
      const longer = Number(second.next_try) - Number(second.last_try)
      assert.ok(longer >= 5399 && longer <= 9001, String(longer))
      pages.set('bob.example.com', join(server.folder, 'home/bob/public_html'))
      shiftMs = longer * 1000 + 1000
      // Looked for by the clock alone: the check is of another account.
      await check(server, 'carol')
      await tried(server, 'bob.example.com', 'issued')
    } finally {
      await server.close()
    }
  })

  test('a renewal that fails is an alert and a figure, and the old certificate stays', async () => {
    let shiftMs = 0
    const server = await startTestServer({ settings: settingsOf(), wallMs: () => Date.now() + shiftMs })
    try {
      await server.account('ivan')
      pages.set('ivan.example.com', join(server.folder, 'home/ivan/public_html'))
      await check(server, 'ivan')
      await tried(server, 'ivan.example.com', 'issued')
      const certificate = await certificateOf(server, 'ivan.example.com')
      pages.set('ivan.example.com', join(folder, 'nowhere'))
      shiftMs = certificate.validToDate.getTime() - Date.now() - 12 * DAY_MS
      await check(server, 'ivan')
      await tried(server, 'ivan.example.com', 'failed')
      const { alerts } = done(await server.root('postern_alert_list', { kind: 'certificate-not-renewed' })).json.data
      assert.equal(alerts.length, 1)
      assert.match(
        alerts[0].reason,
        /^The certificate of ivan\.example\.com ends on \d{4}-\d\d-\d\d and could not be renewed: /,
      )
      const { text } = await metricsOf(server.server.runtime, new CallFigures()).text()
      assert.match(text, /^postern_autossl_failing 1$/m)
      assert.match(text, /^postern_certificates_expiring\{days="14"\} 1$/m)
      assert.match(text, /^postern_certificates_expiring\{days="7"\} 0$/m)
      assert.equal((await certificateOf(server, 'ivan.example.com')).fingerprint256, certificate.fingerprint256)
      const { stdout } = await runFile(join(import.meta.dirname, '../../bin/postern'), [
        'doctor',
        '--data',
        server.folder,
      ])
      assert.match(stdout, /^warning {2}automatic certificates: ivan\.example\.com: .+\n +-> .*start_autossl_check/m)
    } finally {
      await server.close()
    }
  })

  test('a link in the pages leads nowhere: nothing is written outside, and the try fails', async () => {
    const server = await startTestServer({ settings: settingsOf() })
    try {
      await server.account('eve')
      const outside = join(server.folder, 'outside')
      mkdirSync(outside)
      symlinkSync(outside, join(server.folder, 'home/eve/public_html/.well-known'))
      pages.set('eve.example.com', join(server.folder, 'home/eve/public_html'))
      await check(server, 'eve')
      const state = await tried(server, 'eve.example.com', 'failed')
      assert.match(String(state.problem), /The machine could not answer a challenge/)
      assert.deepEqual(readdirSync(outside), [])
    } finally {
      await server.close()
    }
  })

  test('an authority whose own server nobody vouches for is not believed, and without agreed terms none is asked', async () => {
    const { acmeCaFile: _, ...unvouched } = settingsOf()
    for (const [settings, ends] of [
      [unvouched, 'failed'],
      [settingsOf({ acmeTermsAgreed: 'no' }), 'refused'],
    ] as const) {
      const server = await startTestServer({ settings })
      try {
        await server.account('olga')
        pages.set('olga.example.com', join(server.folder, 'home/olga/public_html'))
        const reply = await server.root('start_autossl_check_for_one_user', { username: 'olga' })
        if (ends === 'refused') {
          assert.match(reply.json.metadata.reason, /acme_terms_agreed is not “yes”/)
          assert.deepEqual(storedRows(server, 'select 1 from autossl_state'), [])
          continue
        }
        const state = await tried(server, 'olga.example.com', 'failed')
        assert.match(String(state.problem), /certificate/)
        assert.deepEqual(storedRows(server, 'select 1 from ssl_certificates'), [])
      } finally {
        await server.close()
      }
    }
  })

  test('what somebody installed is left alone, and suspended accounts wait', async () => {
    const server = await startTestServer({ settings: settingsOf() })
    try {
      const authority = await makeAuthority('Other')
      const byHand = await authority.issue(['dora.example.com'])
      await server.account('dora')
      await server.account('sam')
      done(await server.root('suspendacct', { user: 'sam' }))
      pages.set('dora.example.com', join(server.folder, 'home/dora/public_html'))
      pages.set('sam.example.com', join(server.folder, 'home/sam/public_html'))
      done(await server.root('installssl', { domain: 'dora.example.com', crt: byHand.crt, key: byHand.key }))
      await server.account('erin')
      pages.set('erin.example.com', join(server.folder, 'home/erin/public_html'))
      await check(server, 'erin')
      await tried(server, 'erin.example.com', 'issued')
      assert.equal(
        (await certificateOf(server, 'dora.example.com')).fingerprint256,
        new X509Certificate(byHand.crt).fingerprint256,
      )
      assert.deepEqual(storedRows(server, 'select site from autossl_state'), [{ site: 'erin.example.com' }])
    } finally {
      await server.close()
    }
  })

  test('a certificate that somebody installs while the authority is asked stays', async () => {
    const server = await startTestServer({ settings: settingsOf() })
    try {
      const { crt, key } = await (await makeAuthority('Other')).issue(['lena.example.com'])
      await server.account('lena')
      const held = Promise.withResolvers<string>()
      pages.set('lena.example.com', held.promise)
      await check(server, 'lena')
      const isAsked = (path: string): boolean => path.startsWith('lena.example.com/.well-known/')
      await eventually('the authority’s question', async () => (web.asked.some(isAsked) ? true : undefined))
      done(await server.root('installssl', { domain: 'lena.example.com', crt, key }))
      held.resolve(join(server.folder, 'home/lena/public_html'))
      await eventually('the try to end', async () =>
        storedRows(server, 'select 1 from autossl_state where claimed_until is not null').length === 0
          ? true
          : undefined,
      )
      const shown = await certificateOf(server, 'lena.example.com')
      assert.equal(shown.fingerprint256, new X509Certificate(crt).fingerprint256)
      assert.deepEqual(storedRows(server, 'select provider from ssl_certificates'), [{ provider: null }])
    } finally {
      await server.close()
    }
  })

  test('a stop while the authority waits ends at once, takes the answer away, and the next start goes on', async () => {
    const server = await startTestServer({ settings: settingsOf() })
    const base = join(server.folder, '..')
    try {
      await server.account('finn')
      const challenge = join(server.folder, 'home/finn/public_html/.well-known/acme-challenge')
      const held = Promise.withResolvers<undefined>()
      pages.set('finn.example.com', held.promise)
      await check(server, 'finn')
      const isAsked = (path: string): boolean => path.startsWith('finn.example.com/.well-known/')
      await eventually('the authority’s question', async () => (web.asked.some(isAsked) ? true : undefined))
      assert.ok(readdirSync(challenge).length > 0)
      await server.stop()
      assert.deepEqual(readdirSync(challenge), [])
      held.resolve(undefined)
      pages.set('finn.example.com', join(server.folder, 'home/finn/public_html'))
      const again = await startTestServer({ folder: base, settings: settingsOf() })
      try {
        await tried(again, 'finn.example.com', 'issued')
      } finally {
        await again.close()
      }
    } finally {
      await server.close()
    }
  })
})

describe('over zones of this server', () => {
  test('the answer stands in the account’s zone while the authority looks, in a real name server, and is gone afterwards', async () => {
    const zonesFolder = join(folder, 'zones')
    await mkdir(zonesFolder)
    writeFileSync(join(zonesFolder, 'zones.conf'), '')
    const zones = await startNamed({}, join(zonesFolder, 'zones.conf'))
    const asking = await startPebble(zones.port, web.port)
    const server = await startTestServer({
      settings: settingsOf({
        acmeDirectory: asking.directory,
        acmeCaFile: asking.caFile,
        acmeChallenge: 'dns-01',
        serverCertificate: 'autossl',
        acmeDnsServers: [`127.0.0.1:${zones.port}`],
        zonesFolder,
        zoneCommand: [...zones.rndc, 'reload', 'ZONE'],
      }),
    })
    try {
      await server.account('gina')
      await check(server, 'gina')
      await tried(server, 'gina.example.com', 'issued')
      const certificate = await certificateOf(server, 'gina.example.com')
      assert.equal(certificate.subjectAltName, 'DNS:gina.example.com, DNS:www.gina.example.com')
      assert.ok(!web.asked.some((path) => path.includes('gina.example.com')))
      const zone = readFileSync(join(zonesFolder, 'gina.example.com.db'), 'utf8')
      assert.doesNotMatch(zone, /_acme-challenge/)
      const dig = await runFile('dig', [
        '@127.0.0.1',
        '-p',
        String(zones.port),
        '+short',
        'TXT',
        '_acme-challenge.gina.example.com',
      ])
      assert.equal(dig.stdout, '')
      const steps = (await server.audit({ function: 'autossl', target: 'gina.example.com' })).map(
        ({ details }) => details.step,
      )
      assert.ok(steps.includes('answers') && steps.includes('takes the answer away'), JSON.stringify(steps))
      // Postern's own name lies in a zone of root's, and its certificate is had in the same way.
      done(await server.root('adddns', { domain: 'panel.example.com', ip: '127.0.0.1' }))
      done(await server.root('start_autossl_check_for_all_users'))
      await tried(server, 'panel.example.com', 'issued')
      const own = new X509Certificate(readFileSync(join(server.folder, 'tls/cert.pem')))
      assert.equal(own.subjectAltName, 'DNS:panel.example.com')
      // What a crash left in a zone is taken away at the next look.
      const { door } = server.server.runtime
      const left = { site: 'gina.example.com', name: '_acme-challenge.gina.example.com', value: 'left' }
      await door.write(
        async (stores) => {
          const found = await stores.zones.find('gina.example.com')
          if (found === undefined) throw new Error('there is no zone')
          await addTxt({ stores, now: new Date(), afterCommit: async () => undefined }, found, left.name, left.value)
          await stores.autoSsl.noteAnswer(left)
        },
        { urgent: false },
      )
      await check(server, 'gina')
      await eventually('the record to go', async () =>
        storedRows(server, 'select 1 from autossl_answers').length === 0 ? true : undefined,
      )
      assert.deepEqual(storedRows(server, "select 1 from zones where text like '%_acme-challenge%'"), [])
      // A domain without a zone here has no answer.
      await server.account('hugo', undefined, { domain: 'hugo.example.net' })
      done(await server.root('killdns', { domain: 'hugo.example.net' }))
      await check(server, 'hugo')
      const state = await tried(server, 'hugo.example.net', 'failed')
      assert.match(String(state.problem), /^no zone here answers for hugo\.example\.net$/)
    } finally {
      await server.close()
      await asking.stop()
      await zones.stop()
    }
  })
})

describe('the certificate of Postern itself', () => {
  test('is had in the same way and given to new connections; one that is open goes on', async () => {
    const webroot = join(folder, 'panel')
    await mkdir(webroot)
    const held = Promise.withResolvers<string>()
    pages.set('panel.example.com', held.promise)
    const server = await startTestServer({
      settings: settingsOf({ autossl: 'off', serverCertificate: 'autossl', serverWebroot: webroot }),
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
    try {
      const issuerNow = async (): Promise<string> => {
        const args = ['s_client', '-connect', `127.0.0.1:${server.port}`, '-servername', 'panel.example.com']
        const { stdout } = await runFile('sh', [
          '-c',
          `openssl ${args.join(' ')} </dev/null 2>/dev/null | openssl x509 -noout -issuer`,
        ])
        return stdout.trim()
      }
      const open = await server.send('/healthz', { agent })
      assert.equal(open.status, 200)
      assert.match(await issuerNow(), /Postern self-signed/)
      held.resolve(webroot)
      await tried(server, 'panel.example.com', 'issued')
      assert.match(await issuerNow(), /Pebble Intermediate CA/)
      const chain = readFileSync(join(server.folder, 'tls/cert.pem'), 'utf8')
      assert.match(await opensslVerify(await pebble.root(), chain), /: OK$/)
      assert.equal((lstatSync(join(server.folder, 'tls/key.pem')).mode & 0o777).toString(8), '600')
      // The same socket as before.
      assert.equal((await server.send('/healthz', { agent })).status, 200)
      assert.equal(Object.values(agent.freeSockets).flat().length, 1)
      assert.equal(existsSync(join(webroot, '.well-known/acme-challenge')), true)
    } finally {
      agent.destroy()
      await server.close()
    }
  })

  test('waits for no account whose sites keep the authority waiting', async () => {
    const webroot = join(folder, 'panel-alone')
    await mkdir(webroot)
    pages.set('panel.example.com', join(folder, 'nowhere'))
    let shiftMs = 0
    const server = await startTestServer({
      settings: settingsOf({ serverCertificate: 'autossl', serverWebroot: webroot, cpanelListen: '127.0.0.1:0' }),
      wallMs: () => Date.now() + shiftMs,
    })
    const held = Promise.withResolvers<undefined>()
    try {
      await tried(server, 'panel.example.com', 'failed')
      await server.account('mona')
      const mona = await server.accountToken('mona')
      pages.set('mona.example.com', held.promise)
      for (let index = 0; index < 6; index += 1) {
        const domain = `s${index}`
        pages.set(`${domain}.mona.example.com`, held.promise)
        const { json } = await server.uapi(mona, 'SubDomain::addsubdomain', { domain, rootdomain: 'mona.example.com' })
        assert.equal(json.status, 1, json.errors?.join())
      }
      const triedOfMona = () =>
        storedRows(server, "select 1 from autossl_state where site like '%mona%' and last_try_at is not null").length
      const askedOfMona = () => storedRows(server, "select 1 from autossl_state where site like '%mona%'").length
      await check(server, 'mona')
      await eventually('the authority to be asked for mona', async () => (askedOfMona() > 0 ? true : undefined))
      pages.set('panel.example.com', webroot)
      shiftMs = 2 * 3_600_000
      done(await server.root('start_autossl_check_for_all_users'))
      await tried(server, 'panel.example.com', 'issued')
      assert.ok(triedOfMona() < 5, 'it waited for the round of the accounts')
    } finally {
      held.resolve(undefined)
      await server.close()
    }
  })

  test('a certificate that is put in place of the one on disk is taken at SIGHUP', async () => {
    const server = await startTestServer()
    try {
      const authority = await makeAuthority('Renewed')
      const { crt, key } = await authority.issue(['panel.example.com'])
      rmSync(join(server.folder, 'tls/cert.pem'))
      writeFileSync(join(server.folder, 'tls/key.pem'), key, { mode: 0o600 })
      writeFileSync(join(server.folder, 'tls/cert.pem'), crt + authority.between.crt)
      await server.server.reload()
      const sent = await runFile('sh', [
        '-c',
        `openssl s_client -connect 127.0.0.1:${server.port} </dev/null 2>/dev/null | openssl x509 -noout -issuer`,
      ])
      assert.match(sent.stdout, /Renewed Between/)
    } finally {
      await server.close()
    }
  })
})
