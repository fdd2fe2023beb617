/**
 * To be run in a network namespace of its own: a server, Fail2Ban with its nftables action, and an attack. Prints what a good call got
 * before, during and after the ban.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { startTestServer } from '../start-server.ts'
import { installFilter, makeFail2BanFolder, startFail2Ban } from './fail2ban.ts'

const ATTACKER = '127.0.4.1'

execFileSync('ip', ['link', 'set', 'lo', 'up'])
const server = await startTestServer()
const { folder, remove } = await makeFail2BanFolder()
await installFilter(folder, server.folder, `127.0.0.1:${server.port}`)
copyFileSync('/etc/fail2ban/action.d/nftables.conf', join(folder, 'action.d/nftables.conf'))
const fail2ban = await startFail2Ban(
  folder,
  `nftables[type=multiport, name=postern, port=${server.port}, protocol=tcp]`,
)
try {
  const good = await server.rootToken(['basic-whm-functions'])
  const call = async (address: string, credential = good): Promise<number | 'no answer'> => {
    const headers = { authorization: `whm ${credential}` }
    const agent = new Agent({ localAddress: address, timeout: 2000 })
    const answer = server.send('/json-api/version?api.version=1', { headers, agent }).then(
      ({ status }) => status,
      () => 'no answer' as const,
    )
    return Promise.race([answer, new Promise<'no answer'>((resolve) => setTimeout(() => resolve('no answer'), 2000))])
  }
  const until = async (address: string, wanted: number | 'no answer'): Promise<number | 'no answer'> => {
    const deadline = performance.now() + 20_000
    let got = await call(address)
    while (got !== wanted && performance.now() < deadline) got = await call(address)
    return got
  }
  const before = await call(ATTACKER)
  for (let n = 0; n < 5; n += 1) await call(ATTACKER, 'root:mistyped')
  const banned = await until(ATTACKER, 'no answer')
  const other = await call('127.0.4.2')
  await fail2ban.client('set', 'postern', 'unbanip', ATTACKER)
  const after = await until(ATTACKER, 200)
  process.stdout.write(JSON.stringify({ before, banned, other, after }))
} finally {
  await fail2ban.stop()
  await server.close()
  await remove()
}
process.exit(0)
