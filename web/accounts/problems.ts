/** Which field of a form a failed call speaks of. */
import { ApiError } from '../api.ts'
import type { FieldProblem } from '../parts/error-summary.tsx'
import { words } from '../words.ts'

const FIELDS: Readonly<Record<string, string>> = {
  'username-invalid': 'user',
  'username-reserved': 'user',
  'username-taken': 'user',
  'domain-taken': 'domain',
  'password-invalid': 'password',
  'reseller-not-found': 'owner',
}

/** What the server calls the arguments that the forms fill in. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  username: 'user',
  newuser: 'user',
  domain: 'domain',
  password: 'password',
  contactemail: 'email',
  plan: 'plan',
  owner: 'owner',
}

/** The sentence beside its field; without one, it is about the whole. */
export function problemOf(error: unknown): FieldProblem {
  if (!(error instanceof ApiError)) throw error
  const argument = /^The argument “([^”]+)”/.exec(error.message)?.[1]
  const field = FIELDS[error.code ?? ''] ?? ARGUMENTS[argument ?? ''] ?? ''
  return { fieldId: field === '' ? 'content' : `field-${field}`, field: labelOf(field), text: error.message }
}

function labelOf(field: string): string {
  const { form } = words.accounts
  return field in LABELS ? form[LABELS[field as keyof typeof LABELS]] : ''
}

const LABELS = {
  user: 'user',
  domain: 'domain',
  password: 'password',
  email: 'email',
  plan: 'plan',
  owner: 'owner',
} as const
