import { ActionIcon, Burger, Button, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Suspense, useEffect, useState } from 'react'
import { isShown, PAGES, type Page, type PageCode, type Section } from '../pages.ts'
import { isWithoutData, queryClient, useWhoami, type Whoami, WhoamiContext, whoamiQuery } from '../queries.ts'
import { Link, usePath } from '../router.tsx'
import { sessionPath } from '../session.ts'
import { words } from '../words.ts'
import { Broken, PageNotLoaded } from './broken.tsx'
import { Loading } from './loading.tsx'
import { Mark } from './mark.tsx'
import { PageHead } from './page-head.tsx'
import { PageSearch } from './page-search.tsx'
import { PasswordPrompt } from './password-prompt.tsx'
import { SignInAgain } from './sign-in-again.tsx'

/** The frame around every page: navigation with search on the left, the page on the right. */
export function Shell() {
  const { data: who } = useQuery({ ...whoamiQuery, throwOnError: isWithoutData })
  return who === undefined ? <Loading /> : <Frame who={who} />
}

function Frame({ who }: { readonly who: Whoami }) {
  const path = usePath()
  const [isOpen, setOpen] = useState(false)
  const page = PAGES.find((candidate) => candidate.path === path && isShown(candidate, who))
  const { shell } = words
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever has chosen a page has no more use for the list
  useEffect(() => setOpen(false), [path])
  return (
    <WhoamiContext value={who}>
      <a className="skip" href="#content">
        {shell.skip}
      </a>
      <section className="top" aria-label={words.product}>
        <Link className="mark" to="/">
          <Mark />
          {words.product}
        </Link>
        <Burger
          size="sm"
          opened={isOpen}
          onClick={() => setOpen(!isOpen)}
          aria-expanded={isOpen}
          aria-controls="side"
          aria-label={isOpen ? shell.closeNavigation : shell.openNavigation}
        />
      </section>
      <div className="frame">
        <Side isOpen={isOpen} path={path} />
        <main className="content" id="content" tabIndex={-1}>
          <Broken key={path}>
            <Suspense fallback={<Loading />}>{page === undefined ? <NotFound /> : <Shown page={page} />}</Suspense>
          </Broken>
        </main>
        <PasswordPrompt />
        <SignInAgain />
      </div>
    </WhoamiContext>
  )
}

function Side({ isOpen, path }: { readonly isOpen: boolean; readonly path: string }) {
  const who = useWhoami()
  const { user, server } = who
  const shown = PAGES.filter((page) => page.isInner !== true && isShown(page, who))
  const sections = [...new Set(shown.map((page) => page.section))]
  return (
    <header className="side" id="side" data-open={isOpen}>
      <Link className="mark" to="/">
        <Mark />
        {words.product}
      </Link>
      <PageSearch />
      <nav aria-label={words.shell.navigation}>
        <ul className="sections">
          {sections.map((section) => (
            <SectionList
              key={section}
              section={section}
              path={path}
              pages={shown.filter((page) => page.section === section)}
            />
          ))}
        </ul>
      </nav>
      <div className="side-foot">
        <div>{words.shell.signedInAs(user)}</div>
        <div>{server.hostname}</div>
        <div className="side-buttons">
          <form method="post" action={`${sessionPath()}/logout`}>
            <Button type="submit" size="compact-sm" variant="default">
              {words.shell.signOut}
            </Button>
          </form>
          <LookSwitch />
        </div>
      </div>
    </header>
  )
}

function SectionList(props: { readonly section: Section; readonly path: string; readonly pages: readonly Page[] }) {
  const { section, path, pages } = props
  // The nearest: a page of its own below another one is not both.
  const current = pages.filter((page) => isBelow(path, page.path)).sort((a, b) => b.path.length - a.path.length)[0]
  return (
    <li>
      {section !== 'home' && <h2 id={`section-${section}`}>{words.sections[section]}</h2>}
      <ul aria-labelledby={section === 'home' ? undefined : `section-${section}`}>
        {pages.map((page) => (
          <li key={page.path}>
            <Link to={page.path} aria-current={page === current ? 'page' : undefined}>
              {page.title}
            </Link>
          </li>
        ))}
      </ul>
    </li>
  )
}

function isBelow(path: string, page: string): boolean {
  return path === page || (page !== '/' && path.startsWith(`${page}/`))
}

function LookSwitch() {
  const { setColorScheme } = useMantineColorScheme()
  const isDark = useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark'
  const label = isDark ? words.shell.light : words.shell.dark
  return (
    <ActionIcon
      variant="default"
      size={26}
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
    >
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
      </svg>
    </ActionIcon>
  )
}

/** Loads the page's own code and what it is made from. Not by `Suspense`, which keeps its placeholder up for 300 ms. */
function Shown({ page }: { readonly page: Page }) {
  const reader = useWhoami()
  const { data } = useQuery({
    queryKey: ['page', page.path],
    queryFn: async () => {
      const { Content, reads } = await page.load().catch(() => loadAgain(page))
      // What cannot be read is told in its place on the page.
      await Promise.allSettled(reads?.(reader) ?? [])
      return { Content }
    },
    // What was read may be old when the page is opened again.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    throwOnError: isWithoutData,
  })
  return data === undefined ? <Loading /> : <data.Content />
}

/** The code of a page is for whoever has a session: a call tells whether there still is one, and has it renewed. */
async function loadAgain(page: Page): Promise<PageCode> {
  await queryClient.fetchQuery({ ...whoamiQuery, staleTime: 0 })
  return page.load().catch((cause: unknown) => {
    throw new PageNotLoaded(words.errors.notLoaded, { cause })
  })
}

function NotFound() {
  return (
    <PageHead title={words.shell.notFound}>
      <Link to="/">{words.sections.home}</Link>
    </PageHead>
  )
}
