import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type NewZone, newZoneText } from './template.ts'

const at = new Date('2026-11-26T10:00:00Z')
const wanted: NewZone = {
  name: 'example.com',
  template: 'standard',
  addresses: ['192.0.2.1'],
  nameservers: ['ns1.example.net', 'NS2.example.net', 'ns1.example.net'],
  serverAddress: '192.0.2.9',
  contact: undefined,
}
const linesOf = (more: Partial<NewZone> = {}): readonly string[] =>
  newZoneText({ ...wanted, ...more }, at).text.split('\n')

test('a new zone begins with the words that clients look for, and has the serial of its day', () => {
  const { text, serial } = newZoneText(wanted, at)
  assert.equal(serial, 2_026_112_600)
  assert.match(text, /^; cPanel first/)
  assert.match(text, /\n\t2026112600\t; serial\n/)
  assert.equal(newZoneText({ ...wanted, serial: 7 }, at).serial, 7)
})

test('the standard template: name servers once each, the domain, mail, www, ftp and SPF', () => {
  assert.deepEqual(linesOf().slice(9), [
    'example.com.\t86400\tIN\tNS\tns1.example.net.',
    'example.com.\t86400\tIN\tNS\tns2.example.net.',
    'example.com.\t14400\tIN\tA\t192.0.2.1',
    'example.com.\t14400\tIN\tMX\t0 example.com.',
    'mail\t14400\tIN\tCNAME\texample.com.',
    'www\t14400\tIN\tCNAME\texample.com.',
    'ftp\t14400\tIN\tCNAME\texample.com.',
    'example.com.\t14400\tIN\tTXT\t"v=spf1 +a +mx +ip4:192.0.2.1 ~all"',
    '',
  ])
})

test('the simple template leaves ftp and SPF out, and standardvirtualftp gives ftp addresses of its own', () => {
  assert.ok(linesOf({ template: 'simple' }).every((line) => !/ftp|spf/.test(line)))
  const both = linesOf({ template: 'standardvirtualftp', addresses: ['192.0.2.1', '2001:db8::1'] })
  for (const line of ['ftp\t14400\tIN\tA\t192.0.2.1', 'ftp\t14400\tIN\tAAAA\t2001:db8::1'])
    assert.ok(both.includes(line), line)
})

test('a name server in the zone itself has its address there, also where a template would make an alias', () => {
  const lines = linesOf({ nameservers: ['ns1.example.com', 'www.example.com'] })
  for (const line of ['ns1\t14400\tIN\tA\t192.0.2.9', 'www\t14400\tIN\tA\t192.0.2.9'])
    assert.ok(lines.includes(line), line)
  assert.ok(!lines.some((line) => /^www.*CNAME/.test(line)))
})

test('without a name server that can be written there is one all the same, and the contact is a mail address in its DNS form', () => {
  assert.ok(linesOf({ nameservers: [] }).includes('example.com.\t86400\tIN\tNS\tlocalhost.'))
  assert.ok(linesOf({ nameservers: ['my_box'] }).includes('example.com.\t86400\tIN\tNS\tlocalhost.'))
  assert.match(linesOf()[3] ?? '', /\tns1\.example\.net\. hostmaster\.example\.com\. \($/)
  assert.match(
    linesOf({ contact: 'dns.team+x@Example.ORG' })[3] ?? '',
    /\tns1\.example\.net\. dns\\\.team\\\+x\.example\.org\. \($/,
  )
})
