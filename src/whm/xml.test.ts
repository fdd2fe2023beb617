import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { replyAsXml, toXml } from './xml.ts'

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@_',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  processEntities: true,
  htmlEntities: true,
})

const BEGIN = '<?xml version="1.0" encoding="UTF-8"?>\n'

test('a version 1 reply has the root result, with data and metadata; lists repeat their name', async () => {
  const body =
    '{"data":{"acct":[{"user":"a","suspended":0},{"user":"b","suspended":1}]},"metadata":{"version":1,"result":1}}'
  assert.equal(
    await replyAsXml('listaccts', body),
    `${BEGIN}<result><data><acct><user>a</user><suspended>0</suspended></acct><acct><user>b</user><suspended>1</suspended></acct></data><metadata><version>1</version><result>1</result></metadata></result>`,
  )
})

test('an older reply is named after its function, and cpanelresult is a root by itself', async () => {
  assert.equal(
    await replyAsXml('loadavg', '{"one":"0.10","five":"0.2","fifteen":"0.3"}'),
    `${BEGIN}<loadavg><one>0.10</one><five>0.2</five><fifteen>0.3</fifteen></loadavg>`,
  )
  assert.equal(
    await replyAsXml('cpanel', '{"cpanelresult":{"apiversion":2,"data":[{"a":1},{"a":2}]}}'),
    `${BEGIN}<cpanelresult><apiversion>2</apiversion><data><a>1</a></data><data><a>2</a></data></cpanelresult>`,
  )
  // What was asked for may be no name of an element.
  assert.equal(await replyAsXml('<x>', '{"error":"e"}'), `${BEGIN}<result><error>e</error></result>`)
})

test('null, empty texts and empty objects are empty elements, and empty lists are nothing', () => {
  assert.equal(toXml('r', { a: null, b: '', c: {}, d: [] }), `${BEGIN}<r><a></a><b></b><c></c></r>`)
})

test('O3: hostile texts are text and read back equal', () => {
  for (const text of [
    '<script>alert(1)</script>',
    '"><img onerror=x>',
    ']]>',
    '<![CDATA[x]]>',
    '&amp; &lt; &#13;',
    '<!--',
    '=1+1',
    'a\r\nb\rc\nd\te',
    ' blanks ',
    'é “q” 😀 \u202e',
  ]) {
    const xml = toXml('r', { text, list: [text, text] })
    assert.equal(XMLValidator.validate(xml), true, xml)
    assert.deepEqual(parser.parse(xml).r, { text, list: [text, text] }, xml)
  }
})

test('what XML cannot hold is replaced', () => {
  assert.equal(toXml('r', { a: 'x\0\x1b\ufffe\ud800y' }), `${BEGIN}<r><a>x\ufffd\ufffd\ufffd\ufffdy</a></r>`)
})

test('a key that is no element’s name stands in an attribute', () => {
  const keys = [
    '007',
    '192.0.2.1',
    '',
    'a b',
    'x:y',
    '<x>',
    '"',
    '__proto__',
    'constructor',
    'xmlns',
    'entry',
    '@_a',
    '#text',
    '?pi',
  ]
  const value = Object.fromEntries(keys.map((key) => [key, `of ${key}`]))
  const xml = toXml('r', { tokens: value, plain: 1, 'issuer.commonName': 'x', 'add-pkg': 1 })
  assert.equal(XMLValidator.validate(xml), true, xml)
  const { tokens, ...rest } = parser.parse(xml).r
  assert.deepEqual(rest, { plain: '1', 'issuer.commonName': 'x', 'add-pkg': '1' })
  const read = tokens.entry.map((entry: Record<string, string>) => [entry['@_name'], entry['#text']])
  assert.deepEqual(
    read,
    keys.map((key) => [key, `of ${key}`]),
  )
  assert.equal(
    toXml('r', { 7: { a: 1 }, 8: [1, 2] }),
    `${BEGIN}<r><entry name="7"><a>1</a></entry><entry name="8"><entry>1</entry><entry>2</entry></entry></r>`,
  )
  assert.equal(
    toXml('r', { a: [[1, 2], [3]] }),
    `${BEGIN}<r><a><entry>1</entry><entry>2</entry></a><a><entry>3</entry></a></r>`,
  )
})

test('a long list is the same as a short one, in both versions, and lets other calls in between', async () => {
  const list = Array.from({ length: 20_000 }, (_, i) => ({ user: `u${i}`, text: '<&>', more: [1, 2] }))
  for (const reply of [
    { data: { acct: list, x: 1 }, metadata: { result: 1 } },
    { status: 1, acct: list, x: 1 },
  ]) {
    const root = 'data' in reply ? 'result' : 'listaccts'
    let ticks = 0
    const timer = setInterval(() => {
      ticks += 1
    }, 1)
    const xml = await replyAsXml('listaccts', JSON.stringify(reply))
    clearInterval(timer)
    assert.equal(xml, toXml(root, reply))
    assert.ok(ticks > 3, `${ticks}`)
  }
})

test('any JSON is well-formed XML', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary' }), (value) => {
      const xml = toXml('r', { value })
      assert.equal(XMLValidator.validate(xml), true, xml)
    }),
    { numRuns: 500 },
  )
})
