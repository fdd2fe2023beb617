/**
 * The certificate in use: `tls/cert.pem` and `tls/key.pem` in the data folder. Given ones are used as they are; when there are
 * none, a self-signed one is made, and made anew (with the same key) before it ends. Only a certificate made here is ever
 * replaced. A pair that does not fit, or a key that others can read, stops the start: nothing is mended silently.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../config/problem.ts'
import { renameDurably, writeFileDurably } from '../storage/durable-file.ts'

export type Certificate = {
  /** PEM, with the chain if there is one. */
  readonly cert: string
  /** PEM; a secret. */
  readonly key: string
  readonly selfSigned: boolean
  /** Upper-case hex with colons, as browsers and openssl show it. */
  readonly fingerprint256: string
  readonly notAfter: Date
}

const DAY_MS = 86_400_000
const REMADE_BEFORE_DAYS = 30

/** The organization in certificates that were made here, by which they are known again. */
export const SELF_SIGNED_ORGANIZATION = 'Postern self-signed'

/** What makes certificates is loaded only for the start that makes one: it takes a tenth of a second and ten megabytes. */
async function selfSigned(key: KeyObject, hostname: string, nowMs: number): Promise<string> {
  const { makeSelfSigned } = await import('./self-signed.ts')
  return makeSelfSigned(key, hostname, SELF_SIGNED_ORGANIZATION, nowMs)
}

/**
 * Loads the pair from `tls` in the data folder, making it when both files are missing. Throws a Problem with the remedy when only one is
 * there, when they do not belong together, and when the key is a link, somebody else's, or readable by others.
 */
export async function ensureCertificate(dataFolder: string, hostname: string, nowMs: number): Promise<Certificate> {
  const folder = join(dataFolder, 'tls')
  const found = await readPair(folder)
  if (found === undefined) {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const pair = { cert: await selfSigned(key, hostname, nowMs), key: exportKey(key) }
    await writeNewPair(dataFolder, folder, pair)
    return describe(pair)
  }
  const certificate = checkPair(found, folder)
  const endsSoon = Date.parse(certificate.validTo) - nowMs < REMADE_BEFORE_DAYS * DAY_MS
  if (!endsSoon || !wasMadeHere(certificate)) return describe(found)
  const cert = await selfSigned(createPrivateKey(found.key), hostname, nowMs)
  await writeFileDurably(join(folder, 'cert.pem'), cert)
  return describe({ cert, key: found.key })
}

/** The certificate that the next start takes; undefined: it makes one. Changes nothing; throws as `ensureCertificate` does. */
export async function presentCertificate(dataFolder: string): Promise<X509Certificate | undefined> {
  const folder = join(dataFolder, 'tls')
  const found = await readPair(folder)
  return found && checkPair(found, folder)
}

type Pair = { readonly cert: string; readonly key: string }

function describe(pair: Pair): Certificate {
  const x509 = new X509Certificate(pair.cert)
  return {
    ...pair,
    selfSigned: isSelfSigned(x509),
    fingerprint256: x509.fingerprint256,
    notAfter: new Date(x509.validTo),
  }
}

const isSelfSigned = (x509: X509Certificate): boolean => x509.subject === x509.issuer && x509.verify(x509.publicKey)

const wasMadeHere = (x509: X509Certificate): boolean =>
  isSelfSigned(x509) && x509.subject.split('\n').includes(`O=${SELF_SIGNED_ORGANIZATION}`)

const exportKey = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

async function readPair(folder: string): Promise<Pair | undefined> {
  await checkFolder(folder)
  const keyPath = join(folder, 'key.pem')
  const certPath = join(folder, 'cert.pem')
  const key = await readKey(keyPath)
  const cert = await readIfThere(() => readFile(certPath, 'utf8'), certPath)
  if (key === undefined && cert === undefined) return undefined
  const hint = `put the missing file there, or remove both to have a self-signed certificate made`
  if (key === undefined) throw new Problem(`${certPath} is there, but its key ${keyPath} is missing`, hint)
  if (cert === undefined) throw new Problem(`${keyPath} is there, but its certificate ${certPath} is missing`, hint)
  return { cert, key }
}

async function checkFolder(folder: string): Promise<void> {
  const state = await readIfThere(() => lstat(folder), folder)
  if (state === undefined) return
  if (!state.isDirectory()) throw new Problem(`${folder} is not a folder`, 'move away what is there')
  if ((state.mode & 0o022) !== 0) throw new Problem(`${folder} can be changed by other users`, `chmod 700 ${folder}`)
}

/** Reads through one descriptor, so that what was checked is what is read. */
async function readKey(path: string): Promise<string | undefined> {
  const file = await readIfThere(() => open(path, constants.O_RDONLY | constants.O_NOFOLLOW), path)
  if (file === undefined) return undefined
  try {
    const state = await file.stat()
    if (!state.isFile()) throw new Problem(`${path} is not a file`, 'put the key itself there')
    if ((state.mode & 0o077) !== 0) throw new Problem(`${path} is open to other users`, `chmod 600 ${path}`)
    const user = process.geteuid?.()
    if (user !== undefined && state.uid !== user) {
      throw new Problem(
        `${path} belongs to another user (${state.uid}) than the server (${user})`,
        `chown ${user} ${path}`,
      )
    }
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

async function readIfThere<T>(read: () => Promise<T>, path: string): Promise<T | undefined> {
  try {
    return await read()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code // node:fs throws nothing but these
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') throw new Problem(`${path} is a symbolic link`, 'put the file itself there', { cause })
    throw new Problem(`${path} cannot be read (${code})`, 'check its owner and permissions', { cause })
  }
}

function checkPair({ cert, key }: Pair, folder: string): X509Certificate {
  const certificate = parse(() => new X509Certificate(cert), `${join(folder, 'cert.pem')} is not a PEM certificate`)
  const privateKey = parse(
    () => createPrivateKey(key),
    `${join(folder, 'key.pem')} is not a PEM private key without a passphrase`,
  )
  if (certificate.checkPrivateKey(privateKey)) return certificate
  throw new Problem(
    `${join(folder, 'key.pem')} is not the key of ${join(folder, 'cert.pem')}`,
    'put the pair there that belongs together',
  )
}

function parse<T>(read: () => T, problem: string): T {
  try {
    return read()
  } catch (cause) {
    throw new Problem(problem, 'put the pair there again, or remove both to have a self-signed certificate made', {
      cause,
    })
  }
}

/** Both files appear at once, by the renaming of their folder: a crash in between leaves neither. */
async function writeNewPair(dataFolder: string, folder: string, pair: Pair): Promise<void> {
  const fresh = join(dataFolder, 'tls.new')
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { mode: 0o700 })
  await writeFileDurably(join(fresh, 'key.pem'), pair.key)
  await writeFileDurably(join(fresh, 'cert.pem'), pair.cert)
  try {
    await renameDurably(fresh, folder)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code // node:fs throws nothing but these
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    // The folder holds other files.
    for (const name of ['key.pem', 'cert.pem']) await renameDurably(join(fresh, name), join(folder, name))
    await rm(fresh, { recursive: true })
  }
}
