/** Which page is shown, kept in the address. The `/cpsess…` number is put before each path here and nowhere else. */
import { type AnchorHTMLAttributes, type MouseEvent, type ReactNode, useSyncExternalStore } from 'react'
import { SESSION_PATH } from './session.ts'

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

window.addEventListener('popstate', () => {
  const wanted = window.location.href
  if (guard === undefined) {
    shownHref = wanted
    tell()
    return
  }
  // The browser has moved already: back to where the reader still is, and there once the guard lets go.
  window.history.pushState(null, '', shownHref)
  leaving(() => show(wanted, false))
})

function show(href: string, replaces: boolean): void {
  if (replaces) window.history.replaceState(null, '', href)
  else window.history.pushState(null, '', href)
  shownHref = window.location.href
  tell()
}

/** Goes to another page of the program; `path` may have a query. `replaces` leaves no step for the Back button. */
export function navigate(path: string, { replaces = false }: { readonly replaces?: boolean } = {}): void {
  leaving(() => {
    show(SESSION_PATH + path, replaces)
    window.scrollTo(0, 0)
  })
}

/** Changes the query of the page that is shown; empty and undefined values are left out. Leaves no step for the Back button. */
export function setQuery(values: Readonly<Record<string, string | undefined>>): void {
  const query = new URLSearchParams(window.location.search)
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '') query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  show(window.location.pathname + (text === '' ? '' : `?${text}`), true)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The path below `/cpsess…`. */
export function pathNow(): string {
  return window.location.pathname.slice(SESSION_PATH.length) || '/'
}

/** As `pathNow`, anew whenever it changes. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, pathNow)
}

/** The query of the address, anew whenever it changes. */
export function useQueryText(): string {
  return useSyncExternalStore(subscribe, () => window.location.search)
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { readonly to: string; readonly children?: ReactNode }

/** A link within the program; opened in a new tab it is an ordinary one. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event)
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (event.defaultPrevented || !isPlain) return
    event.preventDefault()
    navigate(to)
  }
  return <a {...rest} href={SESSION_PATH + to} onClick={follow} />
}
