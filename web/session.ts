/** Where this browser's session lives: its `/cpsess…` number stands before every path and every call. */

/** `/cpsess` and its digits. */
export const SESSION_PATH: string = /^\/cpsess[0-9]+/.exec(window.location.pathname)?.[0] ?? ''

// A page that the Back button brings from the browser's memory would show what its reader may no longer see.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload()
})
