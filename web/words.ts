/** Every text that a person reads, in one catalogue: a translation is one more object of this shape. */
import { homeWords } from './words/home.ts'
import { privilegeWords } from './words/privileges.ts'
import { shellWords } from './words/shell.ts'
import { templateWords } from './words/templates.ts'
import { tokenWords } from './words/tokens.ts'

export const words = {
  ...shellWords,
  home: homeWords,
  tokens: tokenWords,
  templates: templateWords,
  privileges: privilegeWords,
} as const
