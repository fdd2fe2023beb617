/** Every text that a person reads, in one catalogue: a translation is one more object of this shape. */
import { homeWords } from './words/home.ts'
import { shellWords } from './words/shell.ts'
import { tokenWords } from './words/tokens.ts'

export const words = { ...shellWords, home: homeWords, tokens: tokenWords } as const
