/** An attack and an incident from beginning to end, with the real Fail2Ban, a webhook, and what the trail and the ledger tell afterwards. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { Agent } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { done, type Reply, startTestServer, type TestServer } from '../start-server.ts'
import { installFilter, makeFail2BanFolder, startFail2Ban } from './fail2ban.ts'

const ATTACKER = '127.0.66.6'
const WEBHOOK_KEY = Buffer.from('the webhook of the incident test')

type Delivered = { readonly headers: IncomingHttpHeaders; readonly body: string }

/** Whoever is called when something happens. */
async function startReceiver() {
  const delivered: Delivered[] = []
  const receiver = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => {
      body += piece
    })
    request.on('end', () => {
      delivered.push({ headers: request.headers, body })
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  // Listening on a port, so the address is an object.
  const { port } = receiver.address() as AddressInfo
  return { delivered, url: `http://127.0.0.1:${port}/alerts`, close: () => receiver.close() }
}

function assertSigned({ headers, body }: Delivered): void {
  const signed = createHmac('sha256', WEBHOOK_KEY)
    .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
    .digest('base64')
  assert.equal(headers['webhook-signature'], `v1,${signed}`)
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    assert.ok(performance.now() < deadline, `not in 30 s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function callFrom(server: TestServer, address: string, credential: string): Promise<Reply> {
  return server.send('/json-api/version?api.version=1', {
    headers: { authorization: `whm ${credential}` },
    agent: new Agent({ localAddress: address }),
  })
}

/** A token of root, and its public id. */
async function makeToken(
  server: TestServer,
  name: string,
): Promise<{ readonly id: string; readonly credential: string }> {
  const credential = await server.rootToken(['basic-whm-functions'], { token_name: name })
  const { tokens } = done(await server.root('postern_token_list')).json.data
  const listed = Object.values<Record<string, unknown>>(tokens).find((token) => token.name === name)
  return { id: String(listed?.postern_id), credential }
}

test('old tokens → ban → alert → freeze → rotation → thaw → undo of a revoke, and trail and ledger tell all of it', async () => {
  const receiver = await startReceiver()
  const { folder, remove } = await makeFail2BanFolder()
  const secretFile = join(folder, 'webhook-secret')
  await writeFile(secretFile, `whsec_${WEBHOOK_KEY.toString('base64')}\n`, { mode: 0o600 })
  const server = await startTestServer({
    settings: { ignoreSelf: 'off', alertWebhookUrl: receiver.url, alertWebhookSecretFile: secretFile },
  })
  await installFilter(folder, server.folder)
  const fail2ban = await startFail2Ban(folder)
  try {
    const leaked = await makeToken(server, 'leaked')
    const billing = await makeToken(server, 'billing')
    const shop = await makeToken(server, 'shop')
    for (const { credential } of [leaked, billing, shop]) done(await server.call(credential, 'version'))
    done(await server.root('api_token_revoke', { token_name: 'leaked' }))

    // The attack: somebody has the token that was ended. Postern bans the address by itself, and so does Fail2Ban.
    for (let n = 0; n < 5; n += 1) assert.equal((await callFrom(server, ATTACKER, leaked.credential)).status, 403)
    const banned = await callFrom(server, ATTACKER, billing.credential)
    assert.equal(banned.status, 429)
    assert.ok(Number(banned.headers['retry-after']) > 0)
    done(await server.call(billing.credential, 'version'))
    await until(
      async () => (await fail2ban.actions()).find((line) => line === `ban ${ATTACKER}`),
      'the ban of Fail2Ban',
    )

    // The alerts: both kinds arrive, signed, and hold no secret.
    const arrived = (kind: string) =>
      until(
        () => receiver.delivered.find(({ body }) => JSON.parse(body).data.kind === kind),
        `an alert of the kind ${kind}`,
      )
    for (const kind of ['old-token', 'address-banned']) {
      const alert = await arrived(kind)
      assertSigned(alert)
      assert.equal(JSON.parse(alert.body).data.address, ATTACKER)
      assert.equal(alert.body.includes(leaked.credential.slice('root:'.length)), false)
    }
    assert.equal(JSON.parse((await arrived('old-token')).body).data.token_name, 'leaked')

    // The freeze: everything stands still but billing, which gets a new secret, and the old one ends.
    done(await server.root('postern_freeze', { reason: 'somebody has an old token', except: billing.id }))
    assert.equal((await server.call(shop.credential, 'version')).status, 403)
    done(await server.call(billing.credential, 'version'))
    const rotated = done(await server.root('postern_token_rotate', { token_id: billing.id, overlap: '0' })).json.data
    assert.equal((await server.call(billing.credential, 'version')).status, 403)
    done(await server.call(`root:${rotated.token}`, 'version'))

    // The thaw, and one revoke too many that is taken back.
    done(await server.root('postern_thaw'))
    done(await server.call(shop.credential, 'version'))
    done(await server.root('postern_token_revoke', { token_id: shop.id }))
    assert.equal((await server.call(shop.credential, 'version')).status, 403)
    done(await server.root('postern_token_unrevoke', { token_id: shop.id }))
    done(await server.call(shop.credential, 'version'))

    // The ban is lifted at both.
    done(await server.root('flush_cphulk_login_history_for_ips', { ip: ATTACKER }))
    await fail2ban.client('set', 'postern', 'unbanip', ATTACKER)
    done(await callFrom(server, ATTACKER, shop.credential))

    await assertTrail(server)
    await assertLedger(server, { leaked: leaked.id, billing: billing.id, shop: shop.id })
  } finally {
    await fail2ban.stop()
    await server.close()
    await remove()
    receiver.close()
  }
})

/** Oldest first: what was done, by its name and target. */
async function assertTrail(server: TestServer): Promise<void> {
  const summed = await until(async () => {
    const entries = await server.audit({ address: ATTACKER, limit: 1000 })
    return entries.find(({ reason }) => reason === 'not-evaluated')
  }, 'the sum of what was not looked at')
  assert.equal(summed.details.count, 1)
  const entries = (await server.audit({ limit: 1000 })).reverse()
  const steps = entries.map((entry) => (entry.outcome === 'done' ? entry.function : entry.reason))
  const story = [
    'api_token_revoke',
    ...Array.from({ length: 5 }, () => 'revoked'),
    'ban',
    'postern_freeze',
    'frozen',
    'postern_token_rotate',
    'secret-ended',
    'postern_thaw',
    'postern_token_revoke',
    'revoked',
    'postern_token_unrevoke',
    'flush_cphulk_login_history_for_ips',
  ]
  const told = new Map<string, number>()
  for (const step of steps) told.set(step, (told.get(step) ?? 0) + 1)
  const wanted = new Map<string, number>()
  for (const step of story) wanted.set(step, (wanted.get(step) ?? 0) + 1)
  for (const [step, count] of wanted) assert.equal(told.get(step), count, step)
  // Changes are written with what they change, so their order is the order of effect.
  const changes = [
    'postern_freeze',
    'postern_token_rotate',
    'postern_thaw',
    'postern_token_revoke',
    'postern_token_unrevoke',
  ]
  assert.deepEqual(
    steps.filter((step) => changes.includes(step)),
    changes,
  )
}

async function assertLedger(
  server: TestServer,
  ids: { readonly leaked: string; readonly billing: string; readonly shop: string },
): Promise<void> {
  const usage = async (id: string) => done(await server.root('postern_token_usage', { token_id: id })).json.data
  const leaked = await usage(ids.leaked)
  assert.deepEqual([leaked.token.postern_calls, leaked.token.postern_refused], [1, 5])
  assert.equal(leaked.token.postern_last_refused_from, ATTACKER)
  assert.equal(leaked.token.postern_last_refused_reason, 'revoked')
  const billing = await usage(ids.billing)
  assert.deepEqual([billing.token.postern_calls, billing.token.postern_refused], [4, 1])
  assert.equal(billing.secrets.length, 2)
  assert.equal(billing.secrets[1].end_reason, 'rotated')
  const shop = await usage(ids.shop)
  assert.deepEqual([shop.token.postern_calls, shop.token.postern_refused], [4, 2])
  assert.equal(shop.token.postern_status, 'active')
}
