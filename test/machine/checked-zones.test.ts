/** Zones that Postern writes, judged by BIND's named-checkzone as strictly as named itself judges them. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { editZone, type NewRecord } from '../../src/hosting/zones/edit.ts'
import { newZoneText, ZONE_TEMPLATES } from '../../src/hosting/zones/template.ts'
import { parseZone } from '../../src/hosting/zones/zone-file.ts'

const ZONE = ['example', 'com']
const NOW = new Date('2026-11-26T12:00:00Z')
let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-zones-'))
})
after(() => rm(folder, { recursive: true, force: true }))

let files = 0
/** What named-checkzone says; it must end well. */
async function assertLoads(text: string, name = 'example.com'): Promise<string> {
  files += 1
  const path = join(folder, `${files}.db`)
  await writeFile(path, text)
  // Names outside the zone are nobody's business here: `local` asks no resolver.
  const [code, said] = await new Promise<[number, string]>((resolve) =>
    execFile(
      'named-checkzone',
      ['-k', 'fail', '-n', 'fail', '-m', 'fail', '-i', 'local', name, path],
      (error, out, err) => resolve([typeof error?.code === 'number' ? error.code : error ? 1 : 0, out + err]),
    ),
  )
  assert.equal(code, 0, `${said}\n${text}`)
  return said
}

function made(more: Partial<Parameters<typeof newZoneText>[0]> = {}): string {
  return newZoneText(
    {
      name: 'example.com',
      template: 'standard',
      addresses: ['192.0.2.1'],
      nameservers: ['ns1.example.net'],
      serverAddress: '192.0.2.9',
      contact: undefined,
      ...more,
    },
    NOW,
  ).text
}

function edited(text: string, add: readonly NewRecord[]): string | undefined {
  const parsed = parseZone(text, ZONE)
  assert.ok(parsed.ok)
  const result = editZone(parsed.file, { add }, NOW)
  return result.ok ? result.text : undefined
}

test('every template passes, with name servers inside and outside of the zone and with both kinds of address', async () => {
  for (const template of ZONE_TEMPLATES)
    for (const more of [
      {},
      { addresses: ['192.0.2.1', '2001:db8::1'], contact: 'dns.team+a@example.org' },
      { addresses: ['2001:db8::1'], nameservers: ['ns1.example.com', 'WWW.example.com', 'example.com'] },
      { nameservers: [] },
      { nameservers: ['my_box', 'ns.mail.example.com'] },
    ])
      assert.match(await assertLoads(made({ template, ...more })), /loaded serial 2026112600\nOK/)
  const long = `${'a.'.repeat(120)}example.com`
  for (const template of ZONE_TEMPLATES) await assertLoads(made({ template, name: long }), long)
})

test('every type of record passes, with the smallest, the largest and odd values', async () => {
  const records: readonly (readonly [string, string, readonly string[]])[] = [
    ['a', 'A', ['255.255.255.255']],
    ['*.a', 'A', ['0.0.0.0']],
    ['a', 'AAAA', ['::ffff:192.0.2.1']],
    ['b', 'CNAME', ['\\(\\;\\"\\010.x.']],
    ['c\\.\\"\\;\\(\\000', 'CNAME', ['@']],
    ['d', 'MX', ['65535', 'example.com.']],
    ['e', 'MX', ['0', '.']],
    ['f', 'TXT', ['"; ( \\ \n é'.repeat(40), '', 'x'.repeat(255), 'y'.repeat(256)]],
    ['g', 'SRV', ['0', '65535', '65535', 'a']],
    ['h', 'SRV', ['0', '0', '0', '.']],
    ['@', 'CAA', ['128', 'issue', 'ca.example.net; a="b"']],
    ['@', 'CAA', ['0', 'iodef', `mailto:${'x'.repeat(900)}@example.org`]],
    ['sub', 'NS', ['a']],
    ['sub', 'NS', ['ns.deep.sub']],
    ['ns.deep.sub', 'A', ['192.0.2.3']],
    ['sub', 'DS', ['65535', '13', '2', 'ab'.repeat(32)]],
    ['sub', 'DS', ['0', '255', '250', 'ab']],
    ['i', 'PTR', ['_odd.example.org.']],
    ['_443._tcp', 'TLSA', ['255', '255', '255', 'ff']],
    ['_443._tcp', 'TLSA', ['3', '1', '1', 'ab'.repeat(32)]],
    ['j', 'SSHFP', ['4', '2', 'ab'.repeat(32)]],
    ['j', 'SSHFP', ['255', '255', 'ab']],
    ['_dmarc', 'TXT', ['v=DMARC1; p=none']],
  ]
  const add = records.map(([name, type, data]) => ({ name, ttl: 2 ** 31 - 1, type, data }))
  const text = edited(made(), add)
  assert.ok(text !== undefined)
  await assertLoads(text)
})

test('whatever passes the rules here passes there', async () => {
  const label = fc.constantFrom(
    '@',
    'a',
    'b',
    '*',
    '*.a',
    'sub',
    'ns.sub',
    'x.sub',
    '_t',
    'a.b',
    'www',
    'q\\032q',
    '-x',
    'x.y.z',
  )
  const target = fc.oneof(label, fc.constantFrom('example.com.', 'a.example.org.', '.', 'www'))
  const small = fc.constantFrom('0', '1', '255')
  const data: Readonly<Record<string, fc.Arbitrary<readonly string[]>>> = {
    A: fc.constantFrom(['192.0.2.7'], ['192.0.2.8']),
    AAAA: fc.constant(['2001:db8::7']),
    CNAME: fc.tuple(target),
    NS: fc.tuple(target),
    MX: fc.tuple(small, target),
    SRV: fc.tuple(small, small, small, target),
    TXT: fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1, maxLength: 3 }),
    CAA: fc.tuple(small, fc.constantFrom('issue', 'x'), fc.string({ unit: 'binary', maxLength: 20 })),
    PTR: fc.tuple(target),
    DS: fc.tuple(small, small, fc.constantFrom('1', '2', '9'), fc.constantFrom('ab', 'ab'.repeat(20), 'ab'.repeat(32))),
    TLSA: fc.tuple(small, small, small, fc.constantFrom('ab', 'ab'.repeat(32))),
    SSHFP: fc.tuple(small, small, fc.constantFrom('ab', 'ab'.repeat(20))),
  }
  const record = fc
    .constantFrom(...Object.entries(data))
    .chain(([type, values]) =>
      fc.record({ name: label, ttl: fc.constantFrom(0, 300), type: fc.constant(type), data: values }),
    )
  let passed = 0
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 14 }), async (records) => {
      // One after the other, so that a single refusal does not spoil the rest.
      let text = made()
      for (const one of records) text = edited(text, [one]) ?? text
      if (text === made()) return
      passed += 1
      await assertLoads(text)
    }),
    { numRuns: 150 },
  )
  assert.ok(passed > 60, String(passed))
})
