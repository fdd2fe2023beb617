import { Button } from '@mantine/core'
import { useState } from 'react'
import { callFunction } from '../api.ts'
import { Confirm } from '../parts/dialog.tsx'
import { sayDone, sayFailed } from '../parts/say.ts'
import { words } from '../words.ts'
import { type Ban, type GuessedUser, refreshProtection } from './state.ts'
import { WallTime } from './wall-time-shown.tsx'

const text = words.protection.bans

/** Who is banned until when, with the means to end one ban or all. */
export function Bans({ bans, hasUsers }: { readonly bans: readonly Ban[]; readonly hasUsers: boolean }) {
  const [isAsking, setAsking] = useState(false)
  return (
    <section aria-labelledby="bans">
      <div className="section-head">
        <h2 id="bans" className="section-title">
          {text.title}
        </h2>
        {(bans.length > 0 || hasUsers) && (
          <Button size="xs" variant="default" onClick={() => setAsking(true)}>
            {text.endAll}
          </Button>
        )}
      </div>
      {bans.length === 0 ? <p className="sheet none">{text.none}</p> : <BanTable bans={bans} />}
      {isAsking && (
        <Confirm
          title={text.endAllTitle}
          confirm={text.endAllConfirm}
          isDangerous
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await callFunction('flush_cphulk_login_history')
            await refreshProtection()
            sayDone(text.endedAll)
          }}
        >
          <p>{text.endAllAbout}</p>
        </Confirm>
      )}
    </section>
  )
}

function BanTable({ bans }: { readonly bans: readonly Ban[] }) {
  const end = async (ip: string): Promise<void> => {
    try {
      await callFunction('flush_cphulk_login_history_for_ips', { ip })
      sayDone(text.ended(ip))
    } catch (error) {
      sayFailed(error)
    }
    await refreshProtection()
  }
  return (
    <table className="tokens">
      <caption className="visually-hidden">{text.title}</caption>
      <thead>
        <tr>
          <th>{text.address}</th>
          <th>{text.since}</th>
          <th>{text.until}</th>
          <th>{text.why}</th>
          <th>{text.actions}</th>
        </tr>
      </thead>
      <tbody>
        {bans.map(({ ip, logintime, exptime, notes }) => (
          <tr key={ip}>
            <th scope="row">
              <span className="address">{ip}</span>
            </th>
            <td data-label={text.since}>
              <WallTime text={logintime} />
            </td>
            <td data-label={text.until}>
              <WallTime text={exptime} />
            </td>
            <td data-label={text.why}>
              <bdi className="anything">{notes}</bdi>
            </td>
            <td className="row-actions">
              <button type="button" className="row-button" aria-label={text.endOf(ip)} onClick={() => void end(ip)}>
                {text.end}
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Users who are slowed down or locked; nothing when there are none. */
export function GuessedUsers({ users }: { readonly users: readonly GuessedUser[] }) {
  const { title, about, user: userHead, from, noEnd } = words.protection.users
  if (users.length === 0) return null
  return (
    <section aria-labelledby="guessed">
      <h2 id="guessed" className="section-title">
        {title}
      </h2>
      <p className="dim">{about}</p>
      <table className="tokens">
        <caption className="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th>{userHead}</th>
            <th>{from}</th>
            <th>{text.until}</th>
            <th>{text.why}</th>
          </tr>
        </thead>
        <tbody>
          {users.map(({ user, ip, exptime, notes }) => (
            <tr key={`${user} ${notes}`}>
              <th scope="row">
                <bdi className="anything">{user}</bdi>
              </th>
              <td data-label={from}>
                <span className="address">{ip}</span>
              </td>
              <td data-label={text.until}>{exptime === '' ? noEnd : <WallTime text={exptime} />}</td>
              <td data-label={text.why}>{notes}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
