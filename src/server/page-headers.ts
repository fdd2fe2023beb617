/** The head of a page that is answered in the place of a function's reply, as strict as that of any other page. */
import { createHash } from 'node:crypto'
import { PAGE_STYLE } from './html.ts'

/** For the policy of the pages: the one style sheet that stands in them, by what is in it. */
export const PAGE_STYLE_HASH: string = `'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'`

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src ${PAGE_STYLE_HASH}`,
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join(';')

export const PAGE_HEADERS = [
  'content-type',
  'text/html; charset=utf-8',
  'cache-control',
  'no-store',
  'content-security-policy',
  POLICY,
  'cross-origin-opener-policy',
  'same-origin',
  'referrer-policy',
  'no-referrer',
  'x-content-type-options',
  'nosniff',
] as const
