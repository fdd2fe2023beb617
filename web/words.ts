/** Every text that a person reads, in one catalogue: a translation is one more object of this shape. */
import { accountWords } from './words/accounts.ts'
import { alertWords } from './words/alerts.ts'
import { auditWords } from './words/audit.ts'
import { homeWords } from './words/home.ts'
import { privilegeWords } from './words/privileges.ts'
import { protectionWords } from './words/protection.ts'
import { referenceWords } from './words/reference.ts'
import { resellerWords } from './words/resellers.ts'
import { sessionWords } from './words/sessions.ts'
import { shellWords } from './words/shell.ts'
import { templateWords } from './words/templates.ts'
import { tokenWords } from './words/tokens.ts'
import { watchWords } from './words/watch.ts'

export const words = {
  ...shellWords,
  accounts: accountWords,
  alerts: alertWords,
  audit: auditWords,
  protection: protectionWords,
  reference: referenceWords,
  resellers: resellerWords,
  sessions: sessionWords,
  home: homeWords,
  tokens: tokenWords,
  templates: templateWords,
  privileges: privilegeWords,
  watch: watchWords,
} as const
