/** The paths of all pages below `/cpsess…`, for the program and for the server, which answers every other path with 404. */
export const PAGE_PATHS = [
  '/',
  '/tokens',
  '/tokens/new',
  '/tokens/edit',
  '/tokens/revoke-all',
  '/tokens/usage',
  '/housekeeping',
  '/incident',
  '/reference',
  '/resellers',
  '/accounts',
  '/accounts/new',
  '/accounts/edit',
  '/audit',
  '/sessions',
  '/protection',
  '/alerts',
  '/expiry',
] as const

export type PagePath = (typeof PAGE_PATHS)[number]
