import { UnstyledButton } from '@mantine/core'
import { memo } from 'react'
import { Moment } from '../parts/moment.tsx'
import { setQuery } from '../router.tsx'
import { words } from '../words.ts'
import { type Entry, type Filter, reasonText } from './entry.ts'

const text = words.audit

/** A shape of its own for each outcome, so that neither colour nor sight is needed to tell them apart. */
const SHAPES: Readonly<Record<Entry['outcome'], string>> = {
  done: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm3.1 4.2-4 4.2-2-2-1 1 3 3 5-5.2z',
  failed: 'M8 1.2 15.4 14H.6zm-.8 4.6v4h1.6v-4zm0 5v1.6h1.6v-1.6z',
  refused:
    'M5 1h6l4 4v6l-4 4H5l-4-4V5zm.6 3.4L4.4 5.6 6.8 8l-2.4 2.4 1.2 1.2L8 9.2l2.4 2.4 1.2-1.2L9.2 8l2.4-2.4-1.2-1.2L8 6.8z',
}

const STATUS: Readonly<Record<Entry['outcome'], string>> = {
  done: 'active',
  failed: 'expires-soon',
  refused: 'expired',
}

/** The entries of one page, each with what else is known of it. Whatever a stranger sent is shown as text. */
export function TrailTable({ entries }: { readonly entries: readonly Entry[] }) {
  const { columns } = text
  return (
    <table className="tokens trail">
      <caption className="visually-hidden">{text.title}</caption>
      <thead>
        <tr>
          <th>{columns.time}</th>
          <th>{columns.who}</th>
          <th>{columns.what}</th>
          <th>{columns.from}</th>
          <th>{columns.outcome}</th>
          <th>{columns.reason}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <Row key={entry.seq} entry={entry} />
        ))}
      </tbody>
    </table>
  )
}

const Row = memo(function Row({ entry }: { readonly entry: Entry }) {
  const { columns } = text
  return (
    <tr data-outcome={entry.outcome}>
      <td data-label={columns.time}>
        <Moment at={entry.time} withTime />
      </td>
      <td data-label={columns.who}>
        <div>
          <Only filter="caller" value={entry.caller}>
            {entry.caller === '' ? text.nobody : entry.caller}
          </Only>
          <span className="note">
            {text.credentials[entry.credential]}{' '}
            {entry.token_name !== null && (
              <Only filter="token" value={entry.token_id ?? entry.token_name}>
                {entry.token_name}
              </Only>
            )}
          </span>
        </div>
      </td>
      <td data-label={columns.what}>
        <div>
          <Only filter="function" value={entry.function}>
            <code>{entry.function}</code>
          </Only>
          {entry.target !== '' && (
            <span className="note">
              <Only filter="target" value={entry.target}>
                {entry.target}
              </Only>
            </span>
          )}
        </div>
      </td>
      <td data-label={columns.from}>
        {entry.address !== null && (
          <Only filter="address" value={entry.address}>
            <span className="address">{entry.address}</span>
          </Only>
        )}
      </td>
      <td data-label={columns.outcome}>
        <span className="status" data-status={STATUS[entry.outcome]}>
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path fill="currentColor" fillRule="evenodd" d={SHAPES[entry.outcome]} />
          </svg>
          {text.outcomes[entry.outcome]}
        </span>
      </td>
      <td data-label={columns.reason}>
        <div>
          <Reason entry={entry} />
          <More entry={entry} />
        </div>
      </td>
    </tr>
  )
})

function Reason({ entry }: { readonly entry: Entry }) {
  const isCode = entry.reason in text.refusals
  return (
    <>
      <bdi>{reasonText(entry)}</bdi>
      {isCode && (
        <>
          {' '}
          <code className="dim">{entry.reason}</code>
        </>
      )}
    </>
  )
}

function More({ entry }: { readonly entry: Entry }) {
  const details = Object.entries(entry.details)
  return (
    <details className="entry-more">
      <summary>{text.details}</summary>
      <dl>
        <dt>{text.seq}</dt>
        <dd>{entry.seq}</dd>
        <dt>{text.request}</dt>
        <dd>
          <code>{entry.request_id}</code>
        </dd>
        {details.map(([name, value]) => (
          <div key={name}>
            <dt>
              <bdi>{name}</bdi>
            </dt>
            <dd>
              <bdi>{Array.isArray(value) ? value.join(' ') : String(value)}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

type OnlyProps = { readonly filter: Filter; readonly value: string; readonly children: React.ReactNode }

/** A value that narrows the list to itself when it is pressed. */
function Only({ filter, value, children }: OnlyProps) {
  if (value === '') return <span className="dim">{children}</span>
  return (
    <UnstyledButton
      className="only"
      title={text.filterBy(value)}
      onClick={() => setQuery({ [filter]: value, before: undefined })}
    >
      <bdi>{children}</bdi>
    </UnstyledButton>
  )
}
