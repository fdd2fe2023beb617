import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cookieIn } from './cookies.ts'

test('a cookie is found among others and decoded', () => {
  assert.equal(cookieIn('a=1; session=root%3Ax%2cy; b=2', 'session'), 'root:x,y')
  assert.equal(cookieIn('session=plain', 'session'), 'plain')
  assert.equal(cookieIn('session="quoted"', 'session'), '"quoted"')
  assert.equal(cookieIn('session=%zz', 'session'), '%zz')
})

test('a cookie is missing where only a part of its name, or another case, was sent', () => {
  for (const header of ['', 'a=1', 'xsession=1', 'session', 'Session=1', 'a=session=1', '__proto__=1']) {
    assert.equal(cookieIn(header, 'session'), undefined, header)
  }
})

test('S3: the same value twice is one cookie, two different values are none', () => {
  assert.equal(cookieIn('session=a; session=a', 'session'), 'a')
  for (const header of ['session=a; session=b', 'session=a;x=1;session=', 'session=; session=a']) {
    assert.equal(cookieIn(header, 'session'), undefined, header)
  }
})
