/** Where this browser's session lives: its `/cpsess…` number stands before every path and every call. */

let path = /^\/cpsess[0-9]+/.exec(window.location.pathname)?.[0] ?? ''

/** `/cpsess` and its digits; another one once the reader has signed in again. */
export function sessionPath(): string {
  return path
}

/** Only for `moveToSession` of the router, which brings the address in line. */
export function setSessionPath(next: string): void {
  path = next
}

// A page that the Back button brings from the browser's memory would show what its reader may no longer see.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload()
})
