/** Which page is shown, kept in the address. The `/cpsess…` number is put before each path here and nowhere else. */
import { type AnchorHTMLAttributes, type MouseEvent, type ReactNode, useSyncExternalStore } from 'react'
import { sessionPath, setSessionPath } from './session.ts'

const listeners = new Set<() => void>()
const tell = (): void => {
  for (const listener of listeners) listener()
}

/** Asked before a page is left; calls `leave` once it may be. */
export type LeaveGuard = (leave: () => void) => void

let guard: LeaveGuard | undefined
let shownHref = window.location.href

/** Keeps the reader on this page until the guard lets go; gives what takes it away again. */
export function guardLeaving(asked: LeaveGuard): () => void {
  const warn = (event: BeforeUnloadEvent): void => event.preventDefault()
  guard = asked
  window.addEventListener('beforeunload', warn)
  return () => {
    guard = undefined
    window.removeEventListener('beforeunload', warn)
  }
}

function leaving(leave: () => void): void {
  if (guard === undefined) leave()
  else guard(leave)
}

/** Where the reader went, one more for each step; `top` is how far down they were when they left it, 0 for what is new. */
export type Visit = { readonly number: number; readonly top: number }

let visit: Visit = { number: 0, top: topIn(window.history.state) }

function arrive(top = 0): void {
  visit = { number: visit.number + 1, top }
}

// Only the program knows when the page is there that is to be scrolled.
window.history.scrollRestoration = 'manual'
window.addEventListener('scrollend', keepTop)

window.addEventListener('popstate', ({ state }) => {
  const wanted = window.location.href
  if (guard === undefined) {
    shownHref = wanted
    arrive(topIn(state))
    tell()
    return
  }
  // The browser has moved already: back to where the reader still is, and there once the guard lets go.
  window.history.pushState(null, '', shownHref)
  leaving(() => {
    arrive()
    show(wanted, false)
  })
})

function keepTop(): void {
  window.history.replaceState({ top: window.scrollY }, '')
}

function topIn(state: unknown): number {
  const top = typeof state === 'object' && state !== null && 'top' in state ? state.top : 0
  return typeof top === 'number' ? top : 0
}

function show(href: string, replaces: boolean): void {
  if (replaces) window.history.replaceState(null, '', href)
  else {
    keepTop()
    window.history.pushState(null, '', href)
  }
  shownHref = window.location.href
  tell()
}

/** Goes to another page of the program; `path` may have a query. `replaces` leaves no step for the Back button. */
export function navigate(path: string, { replaces = false }: { readonly replaces?: boolean } = {}): void {
  leaving(() => {
    arrive()
    show(sessionPath() + path, replaces)
    window.scrollTo(0, 0)
  })
}

/** The page that is shown goes on in another session of the same reader. */
export function moveToSession(path: string): void {
  const below = pathNow() + window.location.search
  setSessionPath(path)
  show(path + below, true)
}

type Query = Readonly<Record<string, string | undefined>>

/** Changes the query of the page that is shown; empty and undefined values are left out. Leaves no step for the Back button. */
export function setQuery(values: Query): void {
  show(withQuery(values), true)
}

/** As `setQuery`, for a part of the page that the Back button leads out of again. */
export function stepTo(values: Query): void {
  const href = withQuery(values)
  arrive()
  show(href, false)
  window.scrollTo(0, 0)
}

function withQuery(values: Query): string {
  const query = new URLSearchParams(window.location.search)
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '') query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  return window.location.pathname + (text === '' ? '' : `?${text}`)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The path below `/cpsess…`. */
export function pathNow(): string {
  return window.location.pathname.slice(sessionPath().length) || '/'
}

/** As `pathNow`, anew whenever it changes. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, pathNow)
}

/** The visit that is going on, anew with each step. */
export function useVisit(): Visit {
  return useSyncExternalStore(subscribe, () => visit)
}

/** The query of the address, anew whenever it changes. */
export function useQueryText(): string {
  return useSyncExternalStore(subscribe, () => window.location.search)
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { readonly to: string; readonly children?: ReactNode }

/**
 * A link within the program; opened in a new tab it is an ordinary one. Does not follow a change of session until it is rendered again:
 * a hundred links that each listened would cost every key in a search field.
 */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event)
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (event.defaultPrevented || !isPlain) return
    event.preventDefault()
    navigate(to)
  }
  return <a {...rest} href={sessionPath() + to} onClick={follow} />
}
