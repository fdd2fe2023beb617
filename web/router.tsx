/** Which page is shown, kept in the address. The `/cpsess…` number is put before each path here and nowhere else. */
import { type AnchorHTMLAttributes, type MouseEvent, type ReactNode, useSyncExternalStore } from 'react'
import { SESSION_PATH } from './session.ts'

const listeners = new Set<() => void>()
const tell = (): void => {
  for (const listener of listeners) listener()
}

window.addEventListener('popstate', tell)

function show(href: string, replaces: boolean): void {
  if (replaces) window.history.replaceState(null, '', href)
  else window.history.pushState(null, '', href)
  tell()
}

/** Goes to another page of the program; `path` may have a query. `replaces` leaves no step for the Back button. */
export function navigate(path: string, { replaces = false }: { readonly replaces?: boolean } = {}): void {
  show(SESSION_PATH + path, replaces)
  window.scrollTo(0, 0)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The path below `/cpsess…`. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => window.location.pathname.slice(SESSION_PATH.length) || '/')
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
