import { dateAndTime, dateOnly, relative } from '../moments.ts'
import { useWhoami } from '../queries.ts'
import { words } from '../words.ts'

/** A moment in the reader's zone, how far it is away, and the server's zone where the pointer or the focus is. */
export function Moment({ at, withTime = false }: { readonly at: number; readonly withTime?: boolean }) {
  const { server } = useWhoami()
  const now = Date.now() / 1000
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the server's time shows on focus as it does under the pointer
    <time className="moment" dateTime={new Date(at * 1000).toISOString()} tabIndex={0}>
      <span className="moment-date">{withTime ? dateAndTime(at) : dateOnly(at)}</span>{' '}
      <span className="dim">{relative(at, now)}</span>
      <span className="moment-zone">
        {words.moments.serverTime(`${dateAndTime(at, server.timezone)} ${server.timezone}`)}
      </span>
    </time>
  )
}
