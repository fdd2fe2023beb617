import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readHead } from './request-head.ts'

test('H5: each Authorization line is counted, in any case, and the first is kept', () => {
  const head = readHead(['Authorization', 'whm a:b', 'AUTHORIZATION', 'whm c:d', 'authorization', ''])
  assert.equal(head.authorization, 'whm a:b')
  assert.equal(head.authorizationLines, 3)
  assert.equal(readHead(['Proxy-Authorization', 'x', 'X-Authorization', 'y']).authorizationLines, 0)
})

test('several lines of Cookie and X-Forwarded-For are read as one, in their order', () => {
  const head = readHead(['Cookie', 'a=1', 'X-Forwarded-For', '1.1.1.1', 'cookie', 'b=2', 'x-forwarded-for', '2.2.2.2'])
  assert.equal(head.cookie, 'a=1; b=2')
  assert.equal(head.forwardedFor, '1.1.1.1,2.2.2.2')
})

test('R6: of two lines that say what the body is, or where the request comes from, none wins silently', () => {
  const twice = (name: string): string[] => [name, 'a', name.toUpperCase(), 'b']
  const head = readHead(['Content-Type', 'Content-Encoding', 'Origin', 'Sec-Fetch-Site'].flatMap(twice))
  const { contentType, contentEncoding, origin, fetchSite } = head
  assert.deepEqual([contentType, contentEncoding, origin, fetchSite], ['a,b', 'a,b', 'a,b', 'a,b'])
})

test('I8: each header by which another address is claimed is named once', () => {
  const lines = ['X-Real-IP', 'a', 'Forwarded', 'b', 'x-real-ip', 'c', 'X-Forwarded-For', 'd', 'X-Forwarded-Host', 'e']
  assert.deepEqual(readHead(lines).forwardingHeaders, ['x-real-ip', 'forwarded', 'x-forwarded-for'])
  assert.deepEqual(readHead([]).forwardingHeaders, [])
})

test('no name from outside becomes a key', () => {
  const before = Object.getOwnPropertyNames(Object.prototype)
  const names = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString'), fc.string())
  const empty = JSON.stringify(readHead([]))
  fc.assert(
    fc.property(fc.array(fc.tuple(names, fc.string())), (lines) => {
      const head = readHead(lines.filter(([name]) => !/^(host|origin|cookie)$/i.test(name)).flat())
      assert.equal(JSON.stringify(head), empty)
    }),
  )
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before)
})
