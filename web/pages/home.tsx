import { Button } from '@mantine/core'
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { activityQuery, alertsQuery } from '../alerts-data.ts'
import { callFunction } from '../api.ts'
import { reasonText } from '../audit/entry.ts'
import type { Reads } from '../pages.ts'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { queryClient, useWhoami, type Whoami } from '../queries.ts'
import { Link } from '../router.tsx'
import { EmptyList } from '../tokens/empty-list.tsx'
import { tokensQuery, useTokens } from '../tokens/token.ts'
import { VIEWS } from '../tokens/views.ts'
import { CallsChart } from '../watch/calls-chart.tsx'
import { words } from '../words.ts'

const { home } = words

/** What needs attention: in the order of how soon somebody has to act. */
const ATTENTION = ['expired', 'soon', 'paused', 'everything', 'never-used', 'unused', 'no-expiry', 'no-ips'] as const
const URGENT: readonly string[] = ['expired', 'soon']

const OPEN_SHOWN = 100

const openAlertsQuery = alertsQuery({ state: 'open', limit: OPEN_SHOWN })

type Refusal = {
  readonly seq: number
  readonly time: number
  readonly caller: string
  readonly token_name: string | null
  readonly address: string | null
  readonly function: string
  readonly reason: string
}

const SHOWN = 8

const refusalsQuery = queryOptions({
  queryKey: ['postern_audit_list', 'refused', SHOWN],
  queryFn: async () =>
    (
      await callFunction<{ readonly entries: readonly Refusal[] }>('postern_audit_list', {
        outcome: 'refused',
        limit: SHOWN,
      })
    ).data.entries,
})

export const reads: Reads = (reader) =>
  managesTokens(reader)
    ? [
        queryClient.ensureQueryData(tokensQuery),
        queryClient.ensureQueryData(activityQuery),
        queryClient.ensureQueryData(openAlertsQuery),
        queryClient.ensureQueryData(refusalsQuery),
      ]
    : []

/** The Initial Privileges include Manage API Tokens. */
function managesTokens({ initial_privileges }: Whoami): boolean {
  return initial_privileges === 1
}

export function HomePage() {
  const reader = useWhoami()
  return (
    <>
      <PageHead
        title={home.title}
        actions={
          managesTokens(reader) && (
            <Button component={Link} to="/tokens/new">
              {home.generate}
            </Button>
          )
        }
      >
        {home.about(reader.server.hostname)}
      </PageHead>
      {managesTokens(reader) ? (
        <>
          <Attention />
          <Activity />
          <Refusals />
        </>
      ) : (
        <p>{home.noTokens}</p>
      )}
    </>
  )
}

function Attention() {
  const tokens = useTokens()
  const { data: open } = useSuspenseQuery(openAlertsQuery)
  const { server } = useWhoami()
  const { activity } = words.alerts
  const alerts = open.alerts.length
  if (tokens.length === 0 && alerts === 0) return <EmptyList />
  const found = ATTENTION.map((view) => {
    const isInView: (token: (typeof tokens)[number], now: number) => boolean = VIEWS[view]
    return { view, number: tokens.filter((token) => isInView(token, server.now)).length }
  }).filter(({ number }) => number > 0)
  return (
    <section aria-labelledby="attention">
      <h2 id="attention" className="section-title">
        {home.attention}
      </h2>
      {found.length === 0 && alerts === 0 && <p className="sheet none">{home.nothing}</p>}
      <ul className="cards attention">
        {alerts > 0 && (
          <li>
            <Link to="/alerts" data-urgent="soon">
              <strong>{`${activity.open(alerts)}${open.next_before === null ? '' : '+'}`}</strong>
              <span>{activity.openWhy}</span>
            </Link>
          </li>
        )}
        {found.map(({ view, number }) => (
          <li key={view}>
            <Link to={`/tokens?view=${view}`} data-urgent={URGENT.includes(view) ? view : undefined}>
              <strong>{home.found[view](number)}</strong>
              <span>{home.why[view]}</span>
            </Link>
          </li>
        ))}
      </ul>
      {tokens.length === 0 ? <EmptyList /> : <Link to="/tokens">{home.manage}</Link>}
    </section>
  )
}

function Activity() {
  const { data: series } = useSuspenseQuery(activityQuery)
  const { kind } = useWhoami()
  const { activity } = words.alerts
  const total = (field: 'sign_ins' | 'failed_sign_ins') => series.reduce((sum, point) => sum + point[field], 0)
  return (
    <section aria-labelledby="activity">
      <h2 id="activity" className="section-title">
        {activity.title}
      </h2>
      <CallsChart series={series} />
      {kind === 'root' && <p className="dim">{activity.signIns(total('sign_ins'), total('failed_sign_ins'))}</p>}
    </section>
  )
}

function Refusals() {
  const { data: entries } = useSuspenseQuery(refusalsQuery)
  const { refusalColumns: columns } = home
  return (
    <section aria-labelledby="refusals">
      <h2 id="refusals" className="section-title">
        {home.refusals}
      </h2>
      {entries.length === 0 ? (
        <p className="dim">{home.noRefusals}</p>
      ) : (
        <table className="tokens refusals">
          <thead>
            <tr>
              {Object.values(columns).map((column) => (
                <th key={column}>{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.seq}>
                <td data-label={columns.when}>
                  <Moment at={entry.time} withTime />
                </td>
                <td data-label={columns.who} className="anything">
                  <span>{[entry.caller, entry.token_name].filter(Boolean).join(' · ')}</span>
                </td>
                <td data-label={columns.from}>
                  <span className="address">{entry.address}</span>
                </td>
                <td data-label={columns.what} className="anything">
                  <span>{entry.function}</span>
                </td>
                <td data-label={columns.why} className="anything">
                  <span>{reasonText({ ...entry, outcome: 'refused' })}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
