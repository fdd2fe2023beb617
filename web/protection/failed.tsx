import { Button } from '@mantine/core'
import { useState } from 'react'
import { words } from '../words.ts'
import type { FailedLogin } from './state.ts'
import { WallTime } from './wall-time-shown.tsx'

const text = words.protection.failed
const STEP = 10

/** What was refused and counted, the newest first. */
export function FailedAttempts({ failed }: { readonly failed: readonly FailedLogin[] }) {
  const [shown, setShown] = useState(STEP)
  const rows = failed.slice(0, shown)
  return (
    <section aria-labelledby="failed">
      <h2 id="failed" className="section-title">
        {text.title}
      </h2>
      {failed.length === 0 ? <p className="sheet none">{text.none}</p> : <FailedTable rows={rows} />}
      {rows.length < failed.length && (
        <div className="pager">
          <span>{text.shown(rows.length, failed.length)}</span>
          <Button size="xs" variant="default" onClick={() => setShown(shown + STEP)}>
            {text.more}
          </Button>
        </div>
      )}
    </section>
  )
}

function FailedTable({ rows }: { readonly rows: readonly FailedLogin[] }) {
  return (
    <table className="tokens">
      <caption className="visually-hidden">{text.title}</caption>
      <thead>
        <tr>
          <th>{text.user}</th>
          <th>{text.address}</th>
          <th>{text.with}</th>
          <th>{text.when}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ user, ip, service, authservice, logintime }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: attempts have no name of their own, and hold no state here
          <tr key={index}>
            <th scope="row">
              {user === '' ? <span className="dim">{text.nobody}</span> : <bdi className="anything">{user}</bdi>}
            </th>
            <td data-label={text.address}>
              <span className="address">{ip}</span>
            </td>
            <td data-label={text.with}>
              <div>
                {text.factors[authservice] ?? authservice}
                <span className="note">{text.services[service] ?? service}</span>
              </div>
            </td>
            <td data-label={text.when}>
              <WallTime text={logintime} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
