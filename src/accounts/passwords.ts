/**
 * Passwords: argon2id with Node's own implementation, kept as PHC strings. At most one hash per core is at work and 32 wait;
 * what comes beyond is `overloaded`, so that a flood of sign-ins does not stop token calls. A user who does not exist costs the
 * same work as one who does.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { Failure } from '../failures.ts'

// OWASP's second choice for argon2id; OWASP ASVS 5.0, appendix C.
const PARAMETERS = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const
const SALT_BYTES = 16
const WAITING_MAX = 32
const MIN_LENGTH = 8
const MAX_BYTES = 1024

const hash = promisify(argon2)

export type PasswordHasher = {
  /** Refuses what cannot be a password (`password-invalid`), then gives the PHC string. */
  hash(password: string): Promise<string>
  /** False for a wrong one, and, after the same work, for `undefined`. */
  verify(phc: string | undefined, password: string): Promise<boolean>
  /** True when the string was made with other parameters than today's. */
  needsRehash(phc: string): boolean
}

/** Throws `password-invalid` for what no password can be: too short, too long, a NUL. `password-rules.ts` asks for more. */
export function assertPasswordPossible(password: string): void {
  if ([...password].length < MIN_LENGTH)
    throw new Failure('password-invalid', { problem: `has fewer than ${MIN_LENGTH} characters` })
  if (Buffer.byteLength(password) > MAX_BYTES)
    throw new Failure('password-invalid', { problem: `is longer than ${MAX_BYTES} bytes` })
  if (/[\u0000-\u001f\u007f-\u009f]/.test(password))
    throw new Failure('password-invalid', { problem: 'holds a control character' })
}

/** Makes a hasher with its own queue; a server has one. */
export function makePasswordHasher(): PasswordHasher {
  const limit = makeLimit(availableParallelism())
  const decoyPhc = formatPhc(randomBytes(SALT_BYTES), randomBytes(PARAMETERS.tagLength))
  return {
    async hash(password) {
      assertPasswordPossible(password)
      const salt = randomBytes(SALT_BYTES)
      return formatPhc(salt, await limit(() => hash('argon2id', { ...PARAMETERS, message: password, nonce: salt })))
    },
    async verify(phc, password) {
      if (Buffer.byteLength(password) > MAX_BYTES) return false
      const { parameters, salt, tag } = parsePhc(phc ?? decoyPhc)
      const options = { ...parameters, tagLength: tag.length, message: password, nonce: salt }
      const computed = await limit(() => hash('argon2id', options))
      return timingSafeEqual(computed, tag) && phc !== undefined
    },
    needsRehash(phc) {
      const { parameters } = parsePhc(phc)
      return (
        parameters.memory !== PARAMETERS.memory ||
        parameters.passes !== PARAMETERS.passes ||
        parameters.parallelism !== PARAMETERS.parallelism
      )
    },
  }
}

type Parsed = {
  readonly parameters: { readonly memory: number; readonly passes: number; readonly parallelism: number }
  readonly salt: Buffer
  readonly tag: Buffer
}

function formatPhc(salt: Buffer, tag: Buffer): string {
  const { memory, passes, parallelism } = PARAMETERS
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`
}

function parsePhc(phc: string): Parsed {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc)
  if (match === null) throw new Error('a stored password hash cannot be read')
  const [, memory, passes, parallelism, salt, tag] = match
  return {
    parameters: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt ?? '', 'base64'),
    tag: Buffer.from(tag ?? '', 'base64'),
  }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

/** Runs at most `atWorkMax` at a time, keeps 32 waiting, and throws `overloaded` beyond that. */
function makeLimit(atWorkMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  let atWork = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (atWork >= atWorkMax) {
      if (waiting.length >= WAITING_MAX) throw new Failure('overloaded')
      // The place is handed over, so nobody can slip in between.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      atWork += 1
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) atWork -= 1
      else next()
    }
  }
}
