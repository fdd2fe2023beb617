/** The shipped filter and jail against Debian's Fail2Ban. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { makeSecret } from '../../src/tokens/secret.ts'
import { done, startTestServer, type TestServer } from '../start-server.ts'
import { installFilter, makeFail2BanFolder, matchedAddresses, startFail2Ban } from './fail2ban.ts'

const PLANTED = 10_000

/** Whole lines with other people's addresses, and pieces of such. */
function hostileText(n: number): string {
  const line = `2026-11-25T20:00:00.000+00:00 postern: auth-refused ip=198.51.100.${n % 250} kind=bad-token reason=malformed service=whostmgrd user="x"`
  const texts = [
    line,
    `\n${line}\n`,
    `\r\n${line}`,
    `x"\n${line}`,
    `" ip=198.51.100.9 kind=sign-in reason=malformed service=whostmgrd user="x`,
    `\\" ${line}`,
    `x\u0085${line}`,
    `x\u2028${line}`,
    `\u001b[2K\r${line}`,
    `${'\\'.repeat(63)}"`,
    `<HOST> 198.51.100.7 <ADDR>`,
    `198.51.100.8`,
    `::ffff:198.51.100.8 2001:db8::1`,
    'x'.repeat(300),
    '\u0000',
    '%(host)s <ip> %%',
  ]
  return `${texts[n % texts.length]}${n}`
}

/** As a header may hold it. */
const printable = (text: string): string => text.replace(/[^ -~]|:/g, '')

test('L2, N12: of 10,000 hostile names, paths and agents the shipped filter reports the true address for each refusal and nothing else', async () => {
  const server = await startTestServer()
  const fail2ban = await makeFail2BanFolder()
  try {
    const good = await server.rootToken(['basic-whm-functions'])
    const addresses = Array.from({ length: 50 }, (_, n) => `127.0.${10 + (n % 5)}.${1 + n}`)
    const planted = new Map<string, number>(addresses.map((address) => [address, 0]))
    await Promise.all(
      addresses.map(async (address, index) => {
        const agent = new Agent({ localAddress: address, keepAlive: true, maxSockets: 1 })
        for (let n = index; n < PLANTED; n += addresses.length) {
          await refusedCall(server, agent, n)
          planted.set(address, (planted.get(address) ?? 0) + 1)
          if (n % 7 === 0) await successfulCall(server, agent, good, n)
        }
        agent.destroy()
      }),
    )
    await server.stop()
    const log = join(server.folder, 'logs/auth.log')
    const lines = (await readFile(log, 'latin1')).split('\n').slice(0, -1)
    assert.equal(lines.length, PLANTED)
    for (const line of lines) assert.match(line, /^[ -~]{1,400}$/)
    await installFilter(fail2ban.folder, server.folder)
    const found = await matchedAddresses(fail2ban.folder, log)
    const counted = new Map<string, number>()
    for (const address of found) counted.set(address, (counted.get(address) ?? 0) + 1)
    assert.deepEqual(new Map([...counted].sort()), new Map([...planted].sort()))
  } finally {
    await fail2ban.remove()
    await server.close()
  }
})

/** Nothing of it is hashed: a form without a password, or a token that cannot be one. */
async function refusedCall(server: TestServer, agent: Agent, n: number): Promise<void> {
  const text = hostileText(n)
  const headers = { 'user-agent': printable(text) || 'none', referer: printable(text) }
  const query = `${encodeURIComponent(text)}=${encodeURIComponent(text)}`
  if (n % 3 === 0) {
    const authorization = `whm ${printable(text) || 'x'}:mistyped`
    const path = `/json-api/${encodeURIComponent(text)}?${query}`
    assert.equal((await server.send(path, { agent, headers: { ...headers, authorization } })).status, 403)
    return
  }
  const reply = await server.send(`/login/?login_only=1&${query}`, {
    method: 'POST',
    agent,
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ user: text, pass: '' }).toString(),
  })
  assert.equal(reply.status, 401)
}

async function successfulCall(server: TestServer, agent: Agent, credential: string, n: number): Promise<void> {
  const text = hostileText(n)
  const path = `/json-api/version?api.version=1&x=${encodeURIComponent(text)}`
  const headers = { authorization: `whm ${credential}`, 'user-agent': printable(text) || 'none' }
  done(await server.send(path, { agent, headers }))
}

function attempts(server: TestServer, address: string, count: number, credential: () => string): Promise<unknown> {
  const call = () =>
    server.send('/json-api/version', {
      headers: { authorization: `whm ${credential()}` },
      agent: new Agent({ localAddress: address }),
    })
  return Promise.all(Array.from({ length: count }, call))
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `not in 20 s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('L5: five bad token calls ban an address in the real jail, four do not, and unbanning works', async () => {
  const server = await startTestServer()
  const { folder, remove } = await makeFail2BanFolder()
  await installFilter(folder, server.folder)
  const fail2ban = await startFail2Ban(folder)
  try {
    await attempts(server, '127.0.3.4', 4, () => 'root:mistyped')
    await attempts(server, '127.0.3.5', 5, () => 'root:mistyped')
    await attempts(server, '127.0.3.6', 5, () => `root:${makeSecret('PSW')}`)
    const wasTold = async (line: string) => (await fail2ban.actions()).includes(line)
    await until(() => wasTold('ban 127.0.3.5'), 'the ban for mistyped tokens')
    await until(() => wasTold('ban 127.0.3.6'), 'the ban for tokens that somebody held')
    assert.match(await fail2ban.client('status', 'postern'), /Currently banned:\s+2\n/)
    await fail2ban.client('set', 'postern', 'unbanip', '127.0.3.5')
    await until(() => wasTold('unban 127.0.3.5'), 'the end of the ban')
    // The fifth one of the first address is all that was missing.
    assert.equal(await wasTold('ban 127.0.3.4'), false)
    await attempts(server, '127.0.3.4', 1, () => 'root:mistyped')
    await until(() => wasTold('ban 127.0.3.4'), 'the ban of the first address')
  } finally {
    await fail2ban.stop()
    await server.close()
    await remove()
  }
})

test('L5: with nftables in a network of its own, a banned address gets no answer any more, and others do', async () => {
  const program = join(import.meta.dirname, 'fail2ban-in-namespace.ts')
  const { stdout } = await promisify(execFile)('unshare', ['--net', process.execPath, program])
  assert.deepEqual(JSON.parse(stdout), { before: 200, banned: 'no answer', other: 200, after: 200 })
})
