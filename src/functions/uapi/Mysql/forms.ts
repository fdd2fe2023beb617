/** Argument forms of the functions for databases, and what opens them. */
import type { PrefixSize } from '../../../hosting/mysql.ts'
import { text } from '../../../whm/params.ts'
import { password as passwordForm } from '../../accounts/forms.ts'

/** The feature that opens them. */
export const MYSQL = 'mysql'

const MAX = 128

/** The whole name, with the account's in front. */
export function mysqlName(doc: string) {
  return text({ doc, min: 1, max: MAX })
}

export const prefixSize = text({
  doc: 'How many letters of the account’s name stand in front: 8 or 16, the latter when absent.',
  only: /^(?:8|16)?$/,
  onlyProblem: 'is neither 8 nor 16',
})

export function prefixSizeOf(value: string | undefined): PrefixSize {
  return value === '8' ? 8 : 16
}

export const mysqlPassword = passwordForm('The password: at least 8 characters, and none that is guessed first.')
