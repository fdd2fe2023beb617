import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAILURES } from '../failures.ts'
import {
  accessDeniedBody,
  failureBody,
  noCredentialsBody,
  type Outcome,
  SUCCESS_PREFIX,
  successBody,
  successSuffix,
  uapiFailure,
  uapiSuccess,
  unknownFunctionBody,
} from './reply.ts'

const listaccts = { name: 'listaccts', v0: 'list' } as const
const version = { name: 'version', v0: 'plain' } as const
const createacct = { name: 'createacct', v0: 'result' } as const
const passwd = { name: 'passwd', v0: 'passwd' } as const
const loadavg = { name: 'loadavg', v0: 'bare' } as const
const tokenList = { name: 'api_token_list', v0: 'none' } as const

test('a version 1 success is compact, with numbers as numbers and the reason OK', () => {
  const expected = '{"data":{"version":"11.1"},"metadata":{"version":1,"command":"version","result":1,"reason":"OK"}}'
  assert.equal(successBody(1, version, { data: { version: '11.1' } }), expected)
  assert.equal(SUCCESS_PREFIX + JSON.stringify({ version: '11.1' }) + successSuffix('version'), expected)
})

test('a success without data has empty data', () => {
  const expected = '{"data":{},"metadata":{"version":1,"command":"api_token_list","result":1,"reason":"OK"}}'
  assert.equal(successBody(1, tokenList, { data: undefined }), expected)
})

test('reason, output, chunk and filter stand in the metadata only when there is something to say', () => {
  const chunk = { start: 11, current: 2, size: 10, chunks: 3, records: 25 }
  const outcome = {
    data: { acct: [] },
    reason: 'Done',
    raw: 'log',
    warnings: ['w'],
    messages: [],
    chunk,
    filter: { filtered: 9 },
  }
  assert.deepEqual(JSON.parse(successBody(1, listaccts, outcome)).metadata, {
    version: 1,
    command: 'listaccts',
    result: 1,
    reason: 'Done',
    output: { raw: 'log', warnings: ['w'] },
    chunk,
    filter: { filtered: 9 },
  })
  assert.equal(
    'output' in JSON.parse(successBody(1, listaccts, { data: {}, warnings: [], reason: '' })).metadata,
    false,
  )
})

test('the reason of a success is never empty', () => {
  assert.equal(JSON.parse(successBody(1, listaccts, { data: {}, reason: '' })).metadata.reason, 'OK')
})

test('a version 0 success has the shape the function had in WHM API 0', () => {
  assert.equal(successBody(0, listaccts, { data: { acct: [1] } }), '{"status":1,"statusmsg":"Ok","acct":[1]}')
  assert.equal(successBody(0, version, { data: { version: '11' } }), '{"version":"11"}')
  assert.equal(
    successBody(0, createacct, { data: { ip: '192.0.2.1' }, reason: 'Account Creation Ok', raw: 'log' }),
    '{"result":[{"status":1,"statusmsg":"Account Creation Ok","rawout":"log","options":{"ip":"192.0.2.1"}}]}',
  )
  assert.equal(
    successBody(0, createacct, { data: undefined }),
    '{"result":[{"status":1,"statusmsg":"OK","rawout":"","options":{}}]}',
  )
  assert.equal(
    successBody(0, passwd, { data: undefined, reason: 'Password changed' }),
    '{"passwd":[{"status":1,"statusmsg":"Password changed","rawout":""}]}',
  )
  assert.equal(successBody(0, tokenList, { data: {} }), successBody(1, tokenList, { data: {} }))
})

test('loadavg is bare in both versions', () => {
  const outcome = { data: { one: '0.10' } }
  assert.equal(successBody(0, loadavg, outcome), '{"one":"0.10"}')
  assert.equal(successBody(1, loadavg, outcome), '{"one":"0.10"}')
})

test('a version 1 failure has null data, result 0 and the reason', () => {
  for (const fn of [listaccts, version, createacct, passwd, loadavg, tokenList]) {
    assert.equal(
      failureBody(1, fn, 'No “x”.'),
      `{"data":null,"metadata":{"version":1,"command":"${fn.name}","result":0,"reason":"No “x”."}}`,
    )
  }
})

test('a version 0 failure is found by each of the four places in which clients look', () => {
  const listed = '{"status":0,"statusmsg":"No.","data":{"result":"0","reason":"No."}}'
  for (const fn of [listaccts, version, loadavg]) assert.equal(failureBody(0, fn, 'No.'), listed)
  assert.equal(
    failureBody(0, createacct, 'No.'),
    '{"result":[{"status":0,"statusmsg":"No.","rawout":"","options":{}}]}',
  )
  assert.equal(failureBody(0, passwd, 'No.'), '{"passwd":[{"status":0,"statusmsg":"No.","rawout":""}]}')
  for (const fn of [tokenList, undefined]) {
    const body = JSON.parse(failureBody(0, fn, 'No.'))
    assert.equal(body.status, 0)
    assert.equal(body.statusmsg, 'No.')
    assert.equal(body.metadata.result, 0)
    assert.equal(body.metadata.reason, 'No.')
  }
})

test('an unknown function is told in the words each version has for it', () => {
  const reason = FAILURES['unknown-function'].reason({ function: 'nope' })
  assert.equal(
    unknownFunctionBody(1, 'nope', reason),
    '{"data":null,"metadata":{"version":1,"command":"nope","result":0,"reason":"Unknown app (\\"nope\\") requested for this version (1) of the API."}}',
  )
  const body = unknownFunctionBody(0, 'nope', reason)
  assert.equal(JSON.parse(body).error, 'Unknown App Requested: nope')
  assert.equal(JSON.parse(body).data.result, '0')
  assert.ok(JSON.parse(body).data.reason.includes('Unknown app ("nope") requested'))
})

test('R7: a function name of 10,000 characters is cut in the reply', () => {
  const name = 'x'.repeat(10_000)
  for (const version of [0, 1] as const) assert.ok(unknownFunctionBody(version, name, 'r').length < 300)
})

test('T2: a refused credential has these bytes and no others', () => {
  assert.equal(
    accessDeniedBody(),
    '{"cpanelresult":{"apiversion":"2","error":"Access denied","data":{"reason":"Access denied","result":"0"},"type":"text"}}',
  )
})

test('a call without credentials is told so in the same shape', () => {
  const { cpanelresult } = JSON.parse(noCredentialsBody())
  assert.match(cpanelresult.error, /^No credentials/)
  assert.deepEqual(Object.keys(cpanelresult), ['apiversion', 'error', 'data', 'type'])
})

test('a UAPI reply is flat, with data always there and empty lists as null', () => {
  const body = (outcome: Outcome) => JSON.stringify(uapiSuccess(outcome))
  const rest = '"errors":null,"messages":null,"warnings":null,"metadata"'
  assert.equal(body({ data: [1] }), `{"status":1,"data":[1],${rest}:{"transformed":1}}`)
  assert.equal(body({ data: { a: 1 }, messages: [] }), `{"status":1,"data":{"a":1},${rest}:{}}`)
  assert.equal(body({ data: undefined, reason: 'Made.' }), `{"status":1,"data":null,${rest}:{}}`)
  const told = uapiSuccess({ data: 1, messages: ['m'], warnings: ['w'] })
  assert.deepEqual([told.messages, told.warnings], [['m'], ['w']])
  const failed = '{"status":0,"data":null,"errors":["No."],"messages":null,"warnings":null,"metadata":{}}'
  assert.equal(JSON.stringify(uapiFailure('No.')), failed)
  assert.equal(body({ data: 1, isFailure: true, reason: 'No.' }), failed)
})

test('work that was only partly done is told as a failure, with nothing shown as done', () => {
  const outcome = { data: { x: 1 }, isFailure: true, reason: 'Not all.' } as const
  for (const version of [0, 1] as const) {
    assert.equal(successBody(version, tokenList, outcome), failureBody(version, tokenList, 'Not all.'))
  }
})
