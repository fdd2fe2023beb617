/** The secret outside the database without which no token can be tested: `pepper` in the data folder, readable by its owner alone. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeFileDurably } from './durable-file.ts'
import { StartRefusal } from './start-refusal.ts'

/** The secrets by version; digests are made with the current one, and each token names the version of its digest. */
export type Pepper = { readonly current: number; readonly peppers: ReadonlyMap<number, Uint8Array> }

const BYTES = 32
const CHECKED_TEXT = 'postern pepper check'

/** Refuses a file that it cannot understand; undefined when there is none. */
export async function readPepper(path: string): Promise<Pepper | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const pepper = parsePepper(text)
  if (pepper) return pepper
  throw new StartRefusal(
    `The pepper file ${path} cannot be understood.`,
    'Put the right file back from a backup; without it no token works.',
  )
}

/** Makes a new secret and has it on disk before it is used. */
export async function createPepper(path: string): Promise<Pepper> {
  return copyPepper(path, { current: 1, peppers: new Map([[1, randomBytes(BYTES)]]) })
}

/** Has it on disk before it is used. */
export async function copyPepper(path: string, pepper: Pepper): Promise<Pepper> {
  const texts = [...pepper.peppers].map(([version, secret]) => [version, Buffer.from(secret).toString('base64url')])
  const content = { current: pepper.current, peppers: Object.fromEntries(texts) }
  await writeFileDurably(path, `${JSON.stringify(content)}\n`)
  return pepper
}

function parsePepper(text: string): Pepper | undefined {
  try {
    const { current, peppers: given } = JSON.parse(text) as { current?: unknown; peppers?: Record<string, unknown> }
    const peppers = new Map<number, Uint8Array>()
    for (const [version, secret] of Object.entries(given ?? {})) {
      if (!/^[1-9]\d{0,8}$/.test(version) || typeof secret !== 'string' || !/^[\w-]{43}$/.test(secret)) return undefined
      peppers.set(Number(version), Buffer.from(secret, 'base64url'))
    }
    return typeof current === 'number' && peppers.has(current) ? { current, peppers } : undefined
  } catch {
    return undefined
  }
}

/** A fingerprint (`VERSION:HEX`) kept in the database: tells whether a pepper is the right one, and nothing about it. */
export function pepperCheck(pepper: Pepper): string {
  return `${pepper.current}:${fingerprint(pepper.peppers.get(pepper.current)!)}`
}

/** Says whether this pepper is the one (or a later version of the one) that the fingerprint was made from. */
export function pepperMatches(pepper: Pepper, check: string): boolean {
  const [version = '', wanted = ''] = check.split(':')
  const secret = pepper.peppers.get(Number(version))
  if (!secret) return false
  const [a, b] = [Buffer.from(fingerprint(secret)), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const fingerprint = (secret: Uint8Array): string => createHmac('sha256', secret).update(CHECKED_TEXT).digest('hex')
