/** A database server that must prove who it is, in processes of their own, because an authority is named where a process begins. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { startMariadb, withoutMariadb } from './mariadb.ts'

const runs = promisify(execFile)
const MODULE = resolve(import.meta.dirname, '../../src/hosting/hosts/mariadb.ts')

/** Asks for the version over TLS and prints it, or why not. */
const CLIENT = `
import { readFileSync } from 'node:fs'
const { makeMariadb } = await import(process.argv[1])
const password = async () => readFileSync(process.argv[3], 'utf8').trim()
const heard = []
const at = { host: 'localhost', port: Number(process.argv[2]) }
const mariadb = makeMariadb({ at, user: 'postern', password, needsTls: true, userHost: 'localhost', userConnections: 0, lockName: (name) => name, onTrouble: (error) => heard.push(error.message) })
console.log(await mariadb.version().catch((error) => error.code + ' ' + heard.join()))
`

/** A certificate that signs itself, for one name. */
async function certify(folder: string, name: string): Promise<void> {
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, `${name}.pem`)]
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  await runs('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...names])
}

test('TLS is spoken with a server whose certificate an authority vouches for under its name, and with no other', {
  skip: withoutMariadb,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-mariadb-tls-'))
  try {
    for (const name of ['localhost', 'elsewhere.example']) {
      await certify(folder, name)
      const certificate = join(folder, `${name}.pem`)
      const mariadb = await startMariadb([`--ssl-cert=${certificate}`, `--ssl-key=${join(folder, 'key.pem')}`])
      const asks = async (authority?: string): Promise<string> => {
        const env = { PATH: process.env.PATH ?? '', ...(authority !== undefined && { NODE_EXTRA_CA_CERTS: authority }) }
        const args = ['--input-type=module', '-e', CLIENT, MODULE, String(mariadb.port), mariadb.passwordFile]
        return (await runs(process.execPath, args, { env, timeout: 60_000 })).stdout.trim()
      }
      try {
        // It proves a name, but nobody vouches for it.
        assert.match(await asks(), /^mysql-unavailable .*self-signed certificate/)
        if (name === 'localhost') assert.match(await asks(certificate), /MariaDB/)
        else assert.match(await asks(certificate), /^mysql-unavailable .*does not match certificate's altnames/)
      } finally {
        await mariadb.close()
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
