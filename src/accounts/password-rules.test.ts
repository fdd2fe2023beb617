import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../failures.ts'
import { assertPasswordAllowed, type PasswordUse } from './password-rules.ts'

const ACCOUNT: PasswordUse = { user: 'alice', hostname: 'panel.example.com', standsAlone: false }
const PERSON: PasswordUse = { ...ACCOUNT, standsAlone: true }

async function problemOf(password: string, use: PasswordUse): Promise<string | undefined> {
  try {
    await assertPasswordAllowed(password, use)
    return undefined
  } catch (error) {
    assert.ok(error instanceof Failure && error.code === 'password-invalid')
    return error.message
  }
}

test('S9: whoever signs in to the pages needs 15 characters, a hosting account 8', async () => {
  assert.match((await problemOf('fourteen chars', PERSON)) ?? '', /fewer than 15 characters/)
  assert.equal(await problemOf('fifteen chars 1', PERSON), undefined)
  assert.match((await problemOf('7 chars', ACCOUNT)) ?? '', /fewer than 8 characters/)
  assert.equal(await problemOf('8 chars!', ACCOUNT), undefined)
  // Characters are counted as people see them typed, not as the machine stores them.
  assert.match((await problemOf('🗝'.repeat(14), PERSON)) ?? '', /fewer than 15/)
  assert.equal(await problemOf('gate and key 🗝🚪', PERSON), undefined)
})

test('S9: common passwords are refused, with figures and signs around them, in capitals, and repeated', async () => {
  for (const password of [
    'password',
    'PassWord1',
    'iloveyou',
    '123456789',
    '!!monkey2026!!',
    'qwertyuiop',
    'Sunshine#2026#01',
    'passwordpassword',
    'password password 1',
    '123456781234567812345678',
    'ｐａｓｓｗｏｒｄ１２３',
  ]) {
    assert.match((await problemOf(password, ACCOUNT)) ?? '', /common/, password)
  }
})

test('S9: the names of the user, the server and Postern are no passwords', async () => {
  for (const password of [
    'alice-2026-2027',
    'Alice!Alice!Alice',
    'panel.example.com',
    'panel 1234567890',
    'postern-postern-1',
    'WHM-2026-2026-20',
  ]) {
    assert.match((await problemOf(password, PERSON)) ?? '', /little more than the name/, password)
  }
  // A name among other words is no reason.
  assert.equal(await problemOf('pass-of-alice-1', PERSON), undefined)
})

test('S9: what a machine or a careful person makes up is accepted, blanks and emoji included', async () => {
  for (const password of [
    'X7$kq2!vNz0p',
    'p=a&s+s %41',
    '8472910465qK',
    'correct horse battery staple',
    '  leading and trailing blanks  ',
    `${'a word and a 🗝 '.repeat(4)}end`,
    `${'x'.repeat(71)}y`,
  ]) {
    assert.equal(await problemOf(password, ACCOUNT), undefined, password)
  }
})
