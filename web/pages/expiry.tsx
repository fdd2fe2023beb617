import { Button, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { callFunction } from '../api.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { sayDone, sayFailed } from '../parts/say.ts'
import { useWhoami } from '../queries.ts'
import { Link } from '../router.tsx'
import { type Token, useTokens } from '../tokens/token.ts'
import { words } from '../words.ts'

const text = words.alerts.expiry

type Ending = Token & { readonly expiresAt: number }

/** Security » Expiry Calendar: when tokens end, month by month, and a feed of the same for calendar programs. */
export function ExpiryPage() {
  const { server } = useWhoami()
  const tokens = useTokens()
  const ending = tokens
    .filter((token): token is Ending => token.expiresAt !== undefined)
    .toSorted((a, b) => a.expiresAt - b.expiresAt)
  const months = Object.groupBy(ending, ({ expiresAt }) =>
    expiresAt <= server.now ? text.expired : monthOf(expiresAt),
  )
  const never = tokens.length - ending.length
  return (
    <>
      <PageHead title={text.title} actions={<AsCommand calls={[{ name: 'postern_token_list' }]} />}>
        {text.about(server.timezone)}
      </PageHead>
      {ending.length === 0 && <p className="sheet none">{text.none}</p>}
      {Object.entries(months).map(([month, of = []]) => (
        <section key={month} aria-labelledby={`month-${of[0]?.id}`}>
          <h2 id={`month-${of[0]?.id}`} className="section-title">
            {month}
          </h2>
          <ul className="sheet expiries">
            {of.map(({ id, name, owner, expiresAt, status }) => (
              <li key={id} data-status={status}>
                <Moment at={expiresAt} withTime /> <Link to={`/tokens/edit?id=${id}`}>{name}</Link>{' '}
                <span className="dim">{owner}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {never > 0 && (
        <p className="dim">
          <Link to="/tokens?view=no-expiry">{text.never(never)}</Link>
        </p>
      )}
      <Feed />
    </>
  )
}

function monthOf(seconds: number): string {
  return new Date(seconds * 1000).toLocaleDateString(undefined, { month: 'long', year: 'numeric' })
}

function Feed() {
  const [url, setUrl] = useState<string>()
  const field = useRef<HTMLInputElement>(null)
  const make = async (): Promise<void> => {
    try {
      const { data } = await callFunction<{ readonly url: string }>('postern_calendar_feed_create')
      setUrl(data.url)
    } catch (error) {
      sayFailed(error)
    }
  }
  const end = async (): Promise<void> => {
    try {
      await callFunction('postern_calendar_feed_remove')
      setUrl(undefined)
      sayDone(text.ended)
    } catch (error) {
      sayFailed(error)
    }
  }
  return (
    <section aria-labelledby="feed">
      <h2 id="feed" className="section-title">
        {text.feed}
      </h2>
      <p>{text.feedAbout}</p>
      {url !== undefined && (
        <div className="feed-address">
          <TextInput ref={field} label={text.address} value={url} readOnly onFocus={(event) => event.target.select()} />
          <CopyButton field={field} text={url} label={text.copy} announce={text.copied} />
        </div>
      )}
      <div className="alert-actions">
        <Button variant="default" onClick={() => void make()}>
          {text.make}
        </Button>
        <Button variant="default" onClick={() => void end()}>
          {text.end}
        </Button>
        <span className="dim">{text.makeAgain}</span>
      </div>
    </section>
  )
}
