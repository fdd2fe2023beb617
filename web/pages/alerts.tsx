import { Button, SegmentedControl } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Alert, alertsQuery, type Mute } from '../alerts-data.ts'
import { callFunction } from '../api.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { Trouble } from '../parts/broken.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { MuteDialog } from '../parts/mute-dialog.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { sayDone, sayFailed } from '../parts/say.ts'
import { Link, setQuery, useQueryText } from '../router.tsx'
import { words } from '../words.ts'

const text = words.alerts.list
const ROWS = 50
const STATES = ['open', 'acknowledged', 'every'] as const
type State = (typeof STATES)[number]

/** Security » Alerts: what is open, why, and what is muted; acknowledged and muted here. */
export function AlertsPage() {
  const query = new URLSearchParams(useQueryText())
  const state = STATES.find((one) => one === query.get('state')) ?? 'open'
  const args = {
    ...(state !== 'every' && { state }),
    ...(query.has('before') && { before: query.get('before') ?? '' }),
    limit: ROWS,
  }
  const { data, error, refetch } = useQuery({ ...alertsQuery(args), placeholderData: keepPreviousData })
  const [muting, setMuting] = useState<Alert>()
  const acknowledge = async (alerts: readonly Alert[]): Promise<void> => {
    try {
      await callFunction('postern_alert_acknowledge', { id: alerts.map(({ id }) => String(id)) })
      sayDone(text.done(alerts.length))
      await refetch()
    } catch (thrown) {
      sayFailed(thrown)
    }
  }
  const open = (data?.alerts ?? []).filter(({ acknowledged }) => acknowledged === null)
  return (
    <>
      <PageHead
        title={text.title}
        actions={
          <>
            <AsCommand calls={[{ name: 'postern_alert_list', args }]} />
            {open.length > 1 && (
              <Button variant="default" onClick={() => void acknowledge(open)}>
                {text.acknowledgeAll(open.length)}
              </Button>
            )}
          </>
        }
      >
        {text.about}
      </PageHead>
      <SegmentedControl
        aria-label={text.state}
        value={state}
        onChange={(value) => setQuery({ state: value === 'open' ? undefined : value, before: undefined })}
        data={STATES.map((value) => ({ value, label: text[value] }))}
      />
      {error !== null && <Trouble error={error} again={() => void refetch()} />}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && error === null && <List {...{ state, acknowledge, setMuting }} alerts={data.alerts} />}
      <nav aria-label={text.pages} className="pager">
        <Button
          size="xs"
          variant="default"
          disabled={!query.has('before')}
          onClick={() => setQuery({ before: undefined })}
        >
          {text.newest}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={data?.next_before == null}
          onClick={() => setQuery({ before: String(data?.next_before) })}
        >
          {text.next}
        </Button>
      </nav>
      {data !== undefined && data.mutes.length > 0 && <Mutes mutes={data.mutes} onChange={() => void refetch()} />}
      {muting !== undefined && (
        <MuteDialog alert={muting} onClose={() => setMuting(undefined)} onMuted={() => void refetch()} />
      )}
    </>
  )
}

type ListProps = {
  readonly alerts: readonly Alert[]
  readonly state: State
  readonly acknowledge: (alerts: readonly Alert[]) => Promise<void>
  readonly setMuting: (alert: Alert) => void
}

function List({ alerts, state, acknowledge, setMuting }: ListProps) {
  if (alerts.length === 0) return <p className="sheet none">{text.none[state]}</p>
  return (
    <ul className="alerts">
      {alerts.map((alert) => (
        <li key={alert.id} className="sheet" data-severity={alert.severity}>
          <h2>
            <span className="severity">{text.severities[alert.severity]}</span> {alert.title}
          </h2>
          <p className="anything">{alert.reason}</p>
          {alert.examples.length > 1 && (
            <p className="dim anything">
              {text.examples} {alert.examples.join(', ')}
            </p>
          )}
          <p className="dim">
            {text.times(alert.occurrences)} · <Moment at={alert.time} withTime />
            {alert.muted === 1 && ` · ${text.muted}`}
            {alert.acknowledged !== null && ` · ${text.acknowledgedBy(alert.acknowledged_by)}`}
          </p>
          <div className="alert-actions">
            {alert.acknowledged === null && (
              <Button
                size="xs"
                variant="default"
                aria-label={text.acknowledgeOf(alert.title)}
                onClick={() => void acknowledge([alert])}
              >
                {text.acknowledge}
              </Button>
            )}
            <Button size="xs" variant="default" aria-label={text.muteOf(alert.title)} onClick={() => setMuting(alert)}>
              {text.mute}
            </Button>
            {alert.token_id !== null && <Link to={`/tokens/usage?id=${alert.token_id}`}>{text.usage}</Link>}
          </div>
        </li>
      ))}
    </ul>
  )
}

function Mutes({ mutes, onChange }: { readonly mutes: readonly Mute[]; readonly onChange: () => void }) {
  const unmute = async (id: number): Promise<void> => {
    try {
      await callFunction('postern_alert_unmute', { id })
      sayDone(text.unmuted)
      onChange()
    } catch (thrown) {
      sayFailed(thrown)
    }
  }
  return (
    <section aria-labelledby="mutes">
      <h2 id="mutes" className="section-title">
        {text.mutes}
      </h2>
      <ul className="mutes">
        {mutes.map(({ id, kind, token_id: token, until }) => {
          const what = `${kind ?? text.everything}, ${token ?? text.everyToken}`
          return (
            <li key={id}>
              {what}
              {until !== null && (
                <>
                  {' '}
                  · {text.muteEnds} <Moment at={until} withTime />
                </>
              )}{' '}
              <Button size="xs" variant="default" aria-label={text.unmuteOf(what)} onClick={() => void unmute(id)}>
                {text.unmute}
              </Button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
