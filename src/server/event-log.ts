/** The server's own log: one JSON line an event on standard error. Never a secret, a header or a body. */
import { pino } from 'pino'
import { maskSecrets } from '../whm/mask.ts'
import { StandardError } from './standard-error.ts'

export type EventLog = {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** An error is logged by name, message and stack, with whatever looks like a secret masked; its other fields may hold a request. */
export function makeEventLog(): EventLog {
  return pino(
    {
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    new StandardError(),
  )
}

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { name: 'not an Error' }
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) }
  return { name: error.name, message: maskSecrets(error.message), stack: maskSecrets(error.stack ?? ''), ...cause }
}
