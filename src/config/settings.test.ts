import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { SettingsError } from './problem.ts'
import { SETTINGS } from './schema.ts'
import { type Environment, type Flags, loadSettings, maskDatabase, shownSetting } from './settings.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'postern-settings-'))
  mkdirSync(join(root, 'data'))
})
afterEach(() => rmSync(root, { recursive: true }))

const load = (flags: Flags = {}, env: Environment = {}) => loadSettings({ flags, env, packageRoot: root })
const writeSettings = (text: string, path = 'data/postern.toml'): string => {
  writeFileSync(join(root, path), text)
  return join(root, path)
}
const refusal = (flags: Flags = {}, env: Environment = {}): SettingsError => {
  try {
    load(flags, env)
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error))
    return error
  }
  return assert.fail('the settings were accepted')
}

describe('where settings come from', () => {
  test('without anything given every setting has its default', () => {
    const { settings, sources, warnings } = load()
    assert.deepEqual(settings, {
      data: `${root}/data`,
      listen: '127.0.0.1:2087',
      cpanelListen: 'off',
      hostname: hostname(),
      alwaysAllowedAddresses: [],
      trustedProxies: [],
      autossl: 'off',
      serverCertificate: 'files',
      sessionIdleMinutes: 15,
      sessionMaxHours: 12,
      timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      expiresSoonDays: 30,
      tokenUpdateOmission: 'keep',
      maxConnections: 2000,
      maxConnectionsPerAddress: 200,
      ignoreSelf: 'on',
      accessLog: 'on',
      metricsListen: 'off',
      alertMailTo: [],
      alertMailOwners: 'on',
      smtpPort: 25,
      smtpSecurity: 'starttls',
      alertLearningDays: 7,
      acmeChallenge: 'http-01',
      acmeContact: [],
      acmeDnsServers: [],
      acmeDirectory: 'https://acme-v02.api.letsencrypt.org/directory',
      acmeTermsAgreed: 'no',
      alertLearningCalls: 50,
      alertRefusalBurst: 50,
      ledgerDays: 400,
      nameservers: [],
      zoneCommand: [],
      accountIp: '127.0.0.1',
      dedicatedIps: [],
      mysqlPort: 3306,
      mysqlUser: 'postern',
      mysqlUserConnections: 30,
      mysqlUserHost: 'localhost',
    })
    assert.ok(Object.values(sources).every(({ kind }) => kind === 'default'))
    assert.deepEqual(warnings, [])
  })

  test('a flag counts before the environment, that before the file, that before the default', () => {
    const path = writeSettings(
      'listen = "127.0.0.1:1"\nhostname = "file"\naccess_log = "off"\nnameservers = ["ns1.example.com"]',
    )
    const env = { POSTERN_LISTEN: '127.0.0.1:2', POSTERN_HOSTNAME: 'environment' }
    const { settings, sources } = load({ listen: '127.0.0.1:3' }, env)
    assert.equal(settings.listen, '127.0.0.1:3')
    assert.equal(settings.hostname, 'environment')
    assert.equal(settings.accessLog, 'off')
    assert.deepEqual(settings.nameservers, ['ns1.example.com'])
    assert.deepEqual(sources.listen, { kind: 'flag', where: '--listen' })
    assert.deepEqual(sources.hostname, { kind: 'environment', where: 'POSTERN_HOSTNAME' })
    assert.deepEqual(sources.accessLog, { kind: 'file', where: path })
    assert.deepEqual(sources.cpanelListen, { kind: 'default' })
  })

  test('numbers and lists are read from text in the environment, and an empty list replaces the one of the file', () => {
    writeSettings('trusted_proxies = ["192.0.2.1"]')
    const env = {
      POSTERN_MAX_CONNECTIONS: '10',
      POSTERN_TRUSTED_PROXIES: '',
      POSTERN_NAMESERVERS: 'a.example, b.example',
    }
    const { settings } = load({}, env)
    assert.equal(settings.maxConnections, 10)
    assert.deepEqual(settings.trustedProxies, [])
    assert.deepEqual(settings.nameservers, ['a.example', 'b.example'])
  })

  test('the data folder that a flag or the environment names is searched for the file, and --config replaces that one', () => {
    mkdirSync(join(root, 'other'))
    writeSettings('hostname = "there"', 'other/postern.toml')
    const named = writeSettings('hostname = "named"\nroot_password_file = "secret/first"', 'named.toml')
    assert.equal(load({ data: join(root, 'other') }).settings.hostname, 'there')
    assert.equal(load({}, { POSTERN_DATA: join(root, 'other') }).settings.hostname, 'there')
    assert.equal(load({ data: join(root, 'other'), config: named }).settings.hostname, 'named')
    const { settings } = load({}, { POSTERN_CONFIG: named })
    assert.equal(settings.rootPasswordFile, join(root, 'secret/first'), 'a path in the file is relative to the file')
  })

  test('relative paths given by a flag are relative to where the command runs', () => {
    assert.equal(load({ data: 'x' }).settings.data, join(process.cwd(), 'x'))
  })
})

describe('what is refused', () => {
  test('B2: an unknown setting in the file is refused by name', () => {
    for (const name of ['lisen', 'cpanelListen', '__proto__', 'server.port']) {
      const path = writeSettings(`${name} = 1`)
      const error = refusal()
      assert.equal(error.message, `${path} holds “${name.split('.')[0]}”, which is not a setting`)
      assert.match(error.hint ?? '', /cpanel_listen/)
    }
  })

  test('an unknown POSTERN_ variable is warned about by name and never by value; POSTERN_TEST_ ones are left alone', () => {
    const { warnings } = load({}, { POSTERN_ROOT_PASSWORD: 'hunter2', POSTERN_TEST_FAULT: '1', POSTERNS: 'x' })
    assert.equal(warnings.length, 1)
    assert.match(
      warnings[0] ?? '',
      /^the environment variable POSTERN_ROOT_PASSWORD is not a setting and has no effect/,
    )
    assert.doesNotMatch(warnings.join(), /hunter2/)
  })

  test('I9: trust of all proxies or of a number of hops is refused with the reason', () => {
    for (const text of ['true', '1', '"10.0.0.0/8"', '["true"]', '["2"]']) {
      writeSettings(`trusted_proxies = ${text}`)
      assert.match(
        refusal().message,
        /^the setting trusted_proxies .*any caller could pretend to come from any address$/,
        text,
      )
    }
    rmSync(join(root, 'data/postern.toml'))
    assert.match(refusal({}, { POSTERN_TRUSTED_PROXIES: 'true' }).message, /“true”.*pretend/)
    assert.match(refusal({ trustedProxies: '1' }).message, /“1”.*pretend/)
  })

  test('a value that does not fit is refused with the setting, the value and where it came from', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['POSTERN_LISTEN', '2087'],
      ['POSTERN_CPANEL_LISTEN', 'on'],
      ['POSTERN_SESSION_IDLE_MINUTES', '0'],
      ['POSTERN_SESSION_IDLE_MINUTES', '1.5'],
      ['POSTERN_MAX_CONNECTIONS', '0x10'],
      ['POSTERN_MAX_CONNECTIONS', '-1'],
      ['POSTERN_TOKEN_UPDATE_OMISSION', 'Keep'],
      ['POSTERN_ACCESS_LOG', ''],
      ['POSTERN_HOSTNAME', 'a b'],
      ['POSTERN_NAMESERVERS', 'ns1.example.com,,'],
      ['POSTERN_ACCOUNT_IP', '010.0.0.1'],
      ['POSTERN_TIMEZONE', 'Mars/Olympus'],
      ['POSTERN_TIMEZONE', '+02:00'],
    ]
    for (const [variable, value] of cases) {
      const error = refusal({}, { [variable]: value })
      assert.match(
        error.message,
        new RegExp(`^the setting ${variable.slice(8).toLowerCase()} “.*” (is|must)`),
        variable,
      )
      assert.match(error.hint ?? '', new RegExp(`^it comes from environment ${variable}; `))
    }
  })

  test('a type that the file gives wrongly is refused: no number for text, no text for a number', () => {
    for (const line of [
      'hostname = 5',
      'max_connections = "5"',
      'nameservers = "a"',
      'nameservers = [1]',
      'access_log = true',
    ]) {
      writeSettings(line)
      assert.match(refusal().message, new RegExp(`^the setting ${line.split(' ')[0]} `), line)
    }
  })

  test('a file that is missing, not TOML, or moves the data folder from inside is refused', () => {
    assert.match(refusal({ config: join(root, 'none.toml') }).message, /there is no settings file .*none\.toml/)
    writeSettings('data = "/elsewhere"')
    assert.match(refusal().message, /lies in the data folder/)
    const path = writeSettings('hostname = "a"\ndatabase = postgres://u:hunter2@h/d')
    const error = refusal()
    assert.equal(error.message, `${path}, line 2, column 12: invalid value`)
    assert.doesNotMatch(`${error.hint}`, /hunter2/)
  })

  test('K1: a database URL that is refused is not shown, since it may hold a password', () => {
    for (const url of ['mysql://u:hunter2@h/d', 'postgres://u:hunter2@h:port/d', 'u:hunter2']) {
      const error = refusal({}, { POSTERN_DATABASE: url })
      assert.match(error.message, /^the setting database is not a URL/)
      assert.doesNotMatch(`${error.message}${error.hint}`, /hunter2/)
    }
  })
})

describe("the database's password", () => {
  const url = 'postgres://postern:hunter2@db.example.com:5433/postern?sslmode=require'

  test('K1: it is masked wherever a URL can hold it, and a URL without one stays as it is', () => {
    assert.equal(maskDatabase(url), 'postgres://postern:***@db.example.com:5433/postern?sslmode=require')
    assert.equal(maskDatabase('postgres:///d?password=hunter2'), 'postgres:///d?password=***')
    assert.equal(maskDatabase('hunter2'), '***')
    assert.equal(maskDatabase('postgres:///d?host=/run/postgresql'), 'postgres:///d?host=/run/postgresql')
  })

  test('K1: a flag that puts it into the process list, and a file that everybody can read, are warned of', () => {
    assert.match(load({ database: url }).warnings.join(), /process list/)
    assert.deepEqual(load({}, { POSTERN_DATABASE: url }).warnings, [])
    assert.deepEqual(load({ database: 'postgres://postern@h/d' }).warnings, [])
    const path = writeSettings(`database = "${url}"`)
    chmodSync(path, 0o644)
    assert.match(load().warnings.join(), new RegExp(`chmod 600 ${path}`))
    chmodSync(path, 0o640)
    assert.deepEqual(load().warnings, [])
  })
})

test('every setting is documented and has one name in each place', () => {
  for (const { doc, value } of SETTINGS) assert.match(`${value} ${doc}`, /^\S+ .*\.$/)
  const listen = SETTINGS.find(({ name }) => name === 'cpanelListen')
  assert.equal(listen?.fileName, 'cpanel_listen')
  assert.equal(listen?.variable, 'POSTERN_CPANEL_LISTEN')
  assert.equal(listen?.flag, '--cpanel-listen')
})

test('a webhook is reached by https, or in clear on this machine alone; its path is shown nowhere', () => {
  const load = (url: string) => loadSettings({ flags: {}, env: { POSTERN_ALERT_WEBHOOK_URL: url }, packageRoot: '/x' })
  for (const url of ['https://example.com/T0/key', 'http://127.0.0.1:9/k', 'http://[::1]:9/k', 'http://localhost/k']) {
    const { settings } = load(url)
    assert.equal(settings.alertWebhookUrl, url)
    assert.equal(shownSetting(settings, 'alertWebhookUrl'), `${new URL(url).origin}/***`)
  }
  for (const url of ['http://example.com/hunter2', 'https://u:hunter2@example.com/', 'ftp://hunter2/', 'hunter2'])
    assert.throws(
      () => load(url),
      (error: Error) => /^the setting alert_webhook_url is neither/.test(error.message),
    )
})

test('a list of mail addresses takes addresses alone', () => {
  const load = (list: string) => loadSettings({ flags: {}, env: { POSTERN_ALERT_MAIL_TO: list }, packageRoot: '/x' })
  assert.deepEqual(load('a@example.com, b@example.com').settings.alertMailTo, ['a@example.com', 'b@example.com'])
  for (const list of ['a', 'a@b@c', 'A <a@example.com>', 'a@example.com;b@example.com', '@', 'a b@example.com'])
    assert.throws(() => load(list), /is not a mail address/, list)
})
