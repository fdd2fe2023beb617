/** Every page of the program. Navigation, search and routes are made from this list; a page that is not here does not exist. */
import type { ComponentType } from 'react'
import type { PagePath } from './page-paths.ts'
import { HomePage, reads as homeReads } from './pages/home.tsx'
import type { Whoami } from './queries.ts'
import { words } from './words.ts'

export type Section = keyof typeof words.sections

export type Reads = (reader: Whoami) => readonly Promise<unknown>[]

export type PageCode = {
  readonly Content: ComponentType
  /** What the page cannot be shown without: begun at once and together, so that it comes whole. */
  readonly reads?: Reads
}

export type Page = {
  readonly path: PagePath
  readonly title: string
  readonly section: Section
  /** What else people call it; search finds these too. */
  readonly searchWords: string
  /** Shown to whoever holds one of these; empty: to everybody. The server decides anew for each call. */
  readonly privileges: readonly string[]
  /** WHM's rule for Manage API Tokens: shown to resellers only who hold all the Initial Privileges. */
  readonly needsInitial?: true
  /** Left out of navigation and search: it is reached from another page. */
  readonly isInner?: true
  readonly load: () => Promise<PageCode>
}

/** In the order of the navigation. */
export const PAGES: readonly Page[] = [
  {
    path: '/',
    title: words.home.title,
    section: 'home',
    searchWords: words.home.searchWords,
    privileges: [],
    // The one that most visits begin with comes with the frame.
    load: async () => ({ Content: HomePage, reads: homeReads }),
  },
  {
    path: '/tokens',
    title: words.tokens.title,
    section: 'development',
    searchWords: words.tokens.searchWords,
    privileges: ['manage-api-tokens'],
    needsInitial: true,
    load: async () => {
      const { TokensPage, reads } = await import('./pages/tokens.tsx')
      return { Content: TokensPage, reads }
    },
  },
  {
    path: '/tokens/new',
    title: words.tokens.form.newTitle,
    section: 'development',
    searchWords: words.tokens.form.searchWords,
    privileges: ['manage-api-tokens'],
    needsInitial: true,
    isInner: true,
    load: async () => {
      const { TokenNewPage, reads } = await import('./pages/token-new.tsx')
      return { Content: TokenNewPage, reads }
    },
  },
  {
    path: '/tokens/edit',
    title: words.tokens.form.editInner,
    section: 'development',
    searchWords: '',
    privileges: ['manage-api-tokens'],
    needsInitial: true,
    isInner: true,
    load: async () => {
      const { TokenEditPage, reads } = await import('./pages/token-edit.tsx')
      return { Content: TokenEditPage, reads }
    },
  },
  {
    path: '/tokens/revoke-all',
    title: words.tokens.revokeAll.title,
    section: 'development',
    searchWords: words.tokens.revokeAll.searchWords,
    privileges: ['manage-api-tokens'],
    needsInitial: true,
    isInner: true,
    load: async () => {
      const { TokenRevokeAllPage, reads } = await import('./pages/token-revoke-all.tsx')
      return { Content: TokenRevokeAllPage, reads }
    },
  },
  {
    path: '/tokens/usage',
    title: words.watch.usage.inner,
    section: 'development',
    searchWords: '',
    privileges: ['manage-api-tokens'],
    isInner: true,
    load: async () => ({ Content: (await import('./pages/token-usage.tsx')).TokenUsagePage }),
  },
  {
    path: '/housekeeping',
    title: words.watch.housekeeping.title,
    section: 'security',
    searchWords: words.watch.housekeeping.searchWords,
    privileges: ['manage-api-tokens'],
    load: async () => ({ Content: (await import('./pages/housekeeping.tsx')).HousekeepingPage }),
  },
  {
    path: '/incident',
    title: words.watch.incident.title,
    section: 'security',
    searchWords: words.watch.incident.searchWords,
    privileges: ['all'],
    load: async () => ({ Content: (await import('./pages/incident.tsx')).IncidentPage }),
  },
  {
    path: '/reference',
    title: words.reference.title,
    section: 'development',
    searchWords: words.reference.searchWords,
    privileges: [],
    load: async () => {
      const { ReferencePage, reads } = await import('./pages/reference.tsx')
      return { Content: ReferencePage, reads }
    },
  },
  {
    path: '/resellers',
    title: words.resellers.title,
    section: 'resellers',
    searchWords: words.resellers.searchWords,
    privileges: ['all'],
    load: async () => {
      const { ResellersPage, reads } = await import('./pages/resellers.tsx')
      return { Content: ResellersPage, reads }
    },
  },
  {
    path: '/accounts',
    title: words.accounts.title,
    section: 'accounts',
    searchWords: words.accounts.searchWords,
    privileges: ['list-accts'],
    load: async () => {
      const { AccountsPage, reads } = await import('./pages/accounts.tsx')
      return { Content: AccountsPage, reads }
    },
  },
  {
    path: '/accounts/new',
    title: words.accounts.form.newTitle,
    section: 'accounts',
    searchWords: words.accounts.form.newSearchWords,
    privileges: ['create-acct'],
    load: async () => {
      const { AccountNewPage, reads } = await import('./pages/account-new.tsx')
      return { Content: AccountNewPage, reads }
    },
  },
  {
    path: '/accounts/edit',
    title: words.accounts.form.editInner,
    section: 'accounts',
    searchWords: '',
    privileges: ['edit-account'],
    isInner: true,
    load: async () => {
      const { AccountEditPage, reads } = await import('./pages/account-edit.tsx')
      return { Content: AccountEditPage, reads }
    },
  },
  {
    path: '/alerts',
    title: words.alerts.list.title,
    section: 'security',
    searchWords: words.alerts.list.searchWords,
    privileges: ['manage-api-tokens'],
    load: async () => ({ Content: (await import('./pages/alerts.tsx')).AlertsPage }),
  },
  {
    path: '/expiry',
    title: words.alerts.expiry.title,
    section: 'security',
    searchWords: words.alerts.expiry.searchWords,
    privileges: ['manage-api-tokens'],
    load: async () => ({ Content: (await import('./pages/expiry.tsx')).ExpiryPage }),
  },
  {
    path: '/audit',
    title: words.audit.title,
    section: 'security',
    searchWords: words.audit.searchWords,
    privileges: ['manage-api-tokens'],
    needsInitial: true,
    load: async () => ({ Content: (await import('./pages/audit.tsx')).AuditPage }),
  },
  {
    path: '/sessions',
    title: words.sessions.title,
    section: 'security',
    searchWords: words.sessions.searchWords,
    privileges: [],
    load: async () => {
      const { SessionsPage, reads } = await import('./pages/sessions.tsx')
      return { Content: SessionsPage, reads }
    },
  },
  {
    path: '/protection',
    title: words.protection.title,
    section: 'security',
    searchWords: words.protection.searchWords,
    privileges: ['all'],
    load: async () => {
      const { ProtectionPage, reads } = await import('./pages/protection.tsx')
      return { Content: ProtectionPage, reads }
    },
  },
]

/** Says whether the reader is shown the page. */
export function isShown(page: Page, reader: Pick<Whoami, 'privileges' | 'initial_privileges'>): boolean {
  if (page.needsInitial === true && reader.initial_privileges === 0) return false
  if (page.privileges.length === 0 || reader.privileges.includes('all')) return true
  return page.privileges.some((privilege) => reader.privileges.includes(privilege))
}
