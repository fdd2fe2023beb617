/** postern_audit_list: filters, pages, who sees what, and that what waits to be written is found all the same. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Arguments, done, startTestServer, type TestServer } from '../start-server.ts'
import { assertDenied, assertFailed } from './replies.ts'
import { storedRows, trailMark } from './stored.ts'

type Entry = {
  readonly seq: number
  readonly caller: string
  readonly function: string
  readonly target: string
  readonly outcome: string
  readonly token_id: string | null
  readonly token_name: string | null
  readonly time_ms: number
}

let server: TestServer
let rootToken = ''
before(async () => {
  server = await startTestServer()
  rootToken = await server.rootToken(['list-accts', 'kill-acct'], { token_name: 'cleaner' })
  await server.account('alpha', ['manage-api-tokens', 'list-accts'])
  await server.account('beta', ['manage-api-tokens', 'list-accts'])
})
after(() => server.close())

const list = async (filter: Arguments = {}): Promise<readonly Entry[]> => server.audit(filter)
const each = (entries: readonly Entry[], key: keyof Entry) => [...new Set(entries.map((entry) => entry[key]))]

describe('an entry', () => {
  test('tells who, with which token, from where, what, on whom, and how it ended', async () => {
    await server.account('gone')
    done(await server.call(rootToken, 'removeacct', { username: 'gone' }))
    const [entry] = await server.audit({ function: 'removeacct', target: 'gone' })
    const [token] = storedRows(server, 'select id from tokens where name = ?', 'cleaner') as { id: string }[]
    assert.ok(Math.abs(entry.time_ms - Date.now()) < 60_000)
    assert.equal(entry.time, Math.floor(entry.time_ms / 1000))
    assert.match(entry.request_id, /^[0-9a-f]{8}-[0-9a-z]+$/)
    const { seq: _seq, time: _time, time_ms: _ms, request_id: _id, ...rest } = entry
    assert.deepEqual(rest, {
      caller: 'root',
      credential: 'token',
      token_id: token?.id,
      token_name: 'cleaner',
      address: '127.0.0.1',
      function: 'removeacct',
      target: 'gone',
      outcome: 'done',
      reason: 'gone account removed',
      details: { domain: 'gone.example.com', tokens_revoked: 0, accounts_given_to_root: 0 },
    })
  })

  test('of a refused or failed call is found at once, although it is written in batches', async () => {
    const mark = await trailMark(server)
    for (let i = 0; i < 20; i++) await server.call(rootToken, 'suspendacct', { user: `u${i}` })
    assertFailed(
      await server.call(rootToken, 'removeacct', { user: 'ghost' }),
      'removeacct',
      'You have no account named “ghost”.',
    )
    await server.call('root:nonsense', 'version')
    const found = (await list({ limit: 1000 })).filter(({ seq }) => seq > mark)
    assert.deepEqual(
      found.map((entry) => `${entry.function} ${entry.target} ${entry.outcome}`),
      [
        'version  refused',
        'removeacct ghost failed',
        ...Array.from({ length: 20 }, (_, i) => `suspendacct u${19 - i} refused`),
      ],
    )
  })

  test('of a refused call stands before a change that came after it', async () => {
    const mark = await trailMark(server)
    await server.account('brief')
    await server.call(rootToken, 'suspendacct', { user: 'brief' })
    done(await server.call(rootToken, 'removeacct', { username: 'brief' }))
    const found = (await list({ limit: 1000 })).filter(({ seq }) => seq > mark)
    assert.deepEqual(
      found.map((entry) => `${entry.function} ${entry.target}`),
      ['removeacct brief', 'suspendacct brief', 'createacct brief'],
    )
  })

  test('of a refused call is written soon, although nobody reads the trail', async () => {
    const written = () => storedRows(server, "select seq from audit_entries where target = 'nobodyasks'").length
    await server.call(rootToken, 'suspendacct', { user: 'nobodyasks' })
    const deadline = performance.now() + 5_000
    while (written() === 0 && performance.now() < deadline) await setTimeout(10)
    assert.equal(written(), 1)
  })

  test('of a read that went well is not kept', async () => {
    const mark = await trailMark(server)
    done(await server.call(rootToken, 'listaccts'))
    assert.equal(await trailMark(server), mark)
  })
})

describe('filters', () => {
  test('caller, token, function, outcome and target each narrow the list, and join with and', async () => {
    const secret = await server.tokenOf('alpha', ['list-accts'], { token_name: 'filtered' })
    await server.call(secret, 'removeacct', { user: 'beta' })
    assert.deepEqual(each(await list({ caller: 'alpha' }), 'caller'), ['alpha'])
    assert.deepEqual(each(await list({ user: 'alpha' }), 'caller'), ['alpha'])
    assert.deepEqual(each(await list({ function: 'createacct' }), 'function'), ['createacct'])
    assert.deepEqual(each(await list({ outcome: 'refused' }), 'outcome'), ['refused'])
    const byName = await list({ token: 'filtered' })
    assert.deepEqual(each(byName, 'token_name'), ['filtered'])
    assert.deepEqual(await list({ token: byName[0]?.token_id ?? '' }), byName)
    const joined = await list({ caller: 'alpha', function: 'removeacct', outcome: 'refused', target: 'beta' })
    assert.equal(joined.length, 1)
    assert.deepEqual(await list({ caller: 'alpha', function: 'createacct' }), [])
  })

  test('an address is found in any spelling of it', async () => {
    assert.ok((await list({ address: '::ffff:127.0.0.1' })).length > 0)
    assert.ok((await list({ address: '0:0:0:0:0:ffff:7f00:1' })).length > 0)
    assert.deepEqual(await list({ address: '127.0.0.2' }), [])
  })

  test('since is inclusive and until is not', async () => {
    const [newest] = await list({ limit: 1 })
    const second = Math.floor((newest?.time_ms ?? 0) / 1000)
    const seqs = async (filter: Arguments) => (await list(filter)).map(({ seq }) => seq)
    assert.ok((await seqs({ since: second })).includes(newest?.seq ?? 0))
    assert.deepEqual(await seqs({ since: second + 3600 }), [])
    assert.ok(!(await seqs({ until: second })).includes(newest?.seq ?? 0))
    assert.ok((await seqs({ until: second + 1 })).includes(newest?.seq ?? 0))
  })

  test('a filter that cannot be meant is refused', async () => {
    const fails = async (args: Arguments, reason: string) =>
      assertFailed(await server.root('postern_audit_list', args), 'postern_audit_list', reason)
    await fails({ outcome: 'ok' }, 'The argument “outcome” is not valid: “ok” is neither done, failed nor refused.')
    await fails({ address: '10.1' }, 'The argument “address” is not valid: “10.1” is not an IP address.')
    const limit = 'The argument “limit” is not valid: “1001” is not a whole number from 1 to 1000.'
    await fails({ limit: 1001 }, limit)
    await fails({ limit: 0 }, limit.replace('1001', '0'))
  })
})

describe('pages', () => {
  test('next_before walks through the whole trail, newest first, without a gap or a double', async () => {
    const whole = (await list({ limit: 1000 })).map(({ seq }) => seq)
    assert.ok(whole.length > 10)
    const walked: number[] = []
    let before: number | null = null
    do {
      const { data }: { data: { entries: Entry[]; next_before: number | null } } = done(
        await server.root('postern_audit_list', { limit: 7, ...(before === null ? {} : { before }) }),
      ).json
      walked.push(...data.entries.map(({ seq }) => seq))
      before = data.next_before
    } while (before !== null)
    assert.deepEqual(walked, whole)
    assert.deepEqual(
      walked,
      walked.toSorted((a, b) => b - a),
    )
  })

  test('output controls work on the entries', async () => {
    const columns = { 'api.columns.enable': 1, 'api.columns.a': 'function', 'api.columns.b': 'outcome' }
    const reply = await server.root('postern_audit_list', { function: 'createacct', limit: 1, ...columns })
    assert.deepEqual(done(reply).json.data.entries, [{ function: 'createacct', outcome: 'done' }])
  })
})

describe('who sees what', () => {
  test('a reseller sees the entries under its own name alone, whatever it asks for', async () => {
    const token = await server.tokenOf('alpha', ['manage-api-tokens'])
    const seen = async (filter: Arguments) =>
      done(await server.call(token, 'postern_audit_list', filter)).json.data.entries as Entry[]
    assert.deepEqual(each(await seen({}), 'caller'), ['alpha'])
    assert.deepEqual(await seen({ caller: 'beta' }), [])
    assert.deepEqual(await seen({ caller: 'root' }), [])
    assert.deepEqual(await seen({ target: 'beta', function: 'createacct' }), [])
    // A refused credential that claims the name concerns its owner.
    await server.call('alpha:nonsense', 'version')
    assert.equal((await seen({ function: 'version', outcome: 'refused' })).length, 1)
  })

  test('a token of root without every privilege sees no more than entries of root', async () => {
    const token = await server.rootToken(['manage-api-tokens'])
    const { entries } = done(await server.call(token, 'postern_audit_list')).json.data
    assert.deepEqual(each(entries, 'caller'), ['root'])
    assertDenied(await server.call(rootToken, 'postern_audit_list'), 'postern_audit_list', 'all” or “manage-api-tokens')
  })

  test('a new account of a name sees nothing of the account that had the name before', async () => {
    let nowMs = Date.now()
    const other = await startTestServer({ wallMs: () => nowMs })
    try {
      await other.account('again', ['manage-api-tokens'])
      await other.tokenOf('again', [], { token_name: 'of-the-first' })
      done(await other.root('removeacct', { user: 'again' }))
      nowMs += 5_000
      await other.account('again', ['manage-api-tokens'])
      const token = await other.tokenOf('again', [], { token_name: 'of-the-second' })
      const { entries } = done(await other.call(token, 'postern_audit_list')).json.data
      assert.deepEqual(each(entries, 'target'), ['of-the-second'])
    } finally {
      await other.close()
    }
  })
})
