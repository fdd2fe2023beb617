import { Button } from '@mantine/core'
import { useState } from 'react'
import { callFunction } from '../api.ts'
import type { Reads } from '../pages.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { sayDone, sayFailed } from '../parts/say.ts'
import { queryClient, useWhoami } from '../queries.ts'
import { refreshSessions, type SessionRecord, sessionsQuery, useSessions } from '../sessions/session-record.ts'
import { words } from '../words.ts'

const text = words.sessions

export const reads: Reads = () => [queryClient.ensureQueryData(sessionsQuery)]

/** Security » Browser Sessions: who is signed in, and the means to end that at once. */
export function SessionsPage() {
  const sessions = useSessions()
  const { kind, user } = useWhoami()
  const [isAsking, setAsking] = useState(false)
  const others = sessions.filter((session) => session.user === user && session.is_current === 0)
  return (
    <>
      <PageHead
        title={text.title}
        actions={
          <>
            <Button variant="default" disabled={others.length === 0} onClick={() => setAsking(true)}>
              {text.endOthers}
            </Button>
            <AsCommand calls={[{ name: 'postern_session_list' }]} />
          </>
        }
      >
        {kind === 'root' ? text.about : text.aboutOwn}
      </PageHead>
      <SessionTable sessions={sessions} />
      {isAsking && (
        <Confirm
          title={text.endOthersTitle}
          confirm={text.endOthersConfirm}
          isDangerous
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            const { data } = await callFunction<{ readonly ended: number }>('postern_session_end_all', {
              keep_current: 1,
            })
            await refreshSessions()
            sayDone(text.endedOthers(data.ended))
          }}
        >
          <p>{text.endOthersAbout}</p>
        </Confirm>
      )}
    </>
  )
}

function SessionTable({ sessions }: { readonly sessions: readonly SessionRecord[] }) {
  const { columns } = text
  const end = async ({ id }: SessionRecord): Promise<void> => {
    try {
      await callFunction('postern_session_end', { session: id })
      sayDone(text.ended)
    } catch (error) {
      sayFailed(error)
    }
    await refreshSessions()
  }
  return (
    <table className="tokens">
      <caption className="visually-hidden">{text.title}</caption>
      <thead>
        <tr>
          <th>{columns.user}</th>
          <th>{columns.address}</th>
          <th>{columns.service}</th>
          <th>{columns.opened}</th>
          <th>{columns.seen}</th>
          <th>{columns.actions}</th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <tr key={session.id}>
            <th scope="row">
              {session.user}
              {session.is_current === 1 && <span className="note">{text.current}</span>}
            </th>
            <td data-label={columns.address}>
              <span className="address">{session.address}</span>
            </td>
            <td data-label={columns.service}>{text.services[session.service]}</td>
            <td data-label={columns.opened}>
              <Moment at={session.created_at} withTime />
            </td>
            <td data-label={columns.seen}>
              <Moment at={session.last_seen_at} withTime />
            </td>
            <td className="row-actions">
              {session.is_current === 0 && (
                <button
                  type="button"
                  className="row-button"
                  aria-label={text.endOf(session.user, session.address)}
                  onClick={() => void end(session)}
                >
                  {text.end}
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
