/** Argument forms and parts that the functions for an account's tokens share. */
import { text } from '../../../whm/params.ts'

/** WHM's name of the feature that opens them ("API Tokens in cPanel"; the feature's id is our choice). */
export const API_TOKENS = 'apitokens'

/** Tokens::create_full_access, "name": at most 50 letters, digits, dashes and underscores. */
export const accountTokenName = (doc: string) =>
  text({ doc, min: 1, max: 50, only: /^[A-Za-z0-9_-]+$/, onlyProblem: 'may hold only letters, digits, “-” and “_”' })
