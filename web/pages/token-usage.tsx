import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError } from '../api.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { Trouble } from '../parts/broken.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { sayDone, sayFailed } from '../parts/say.ts'
import { queryClient, useWhoami } from '../queries.ts'
import { Link, useQueryText } from '../router.tsx'
import { undo } from '../tokens/act.ts'
import { Status } from '../tokens/status.tsx'
import { CallsChart } from '../watch/calls-chart.tsx'
import { type Named, type Secret, USAGE_DAYS, type Usage, usageQuery } from '../watch/usage.ts'
import { words } from '../words.ts'

const text = words.watch.usage

/** One token: its state, what it did, who still has an old secret, and what could be taken from it. */
export function TokenUsagePage() {
  const id = new URLSearchParams(useQueryText()).get('id') ?? ''
  const { data, error, refetch } = useQuery(usageQuery(id))
  if (data === undefined && error === null) return <Loading />
  if (data === undefined) {
    const isRefused = error instanceof ApiError && error.kind === 'failed'
    return (
      <>
        <PageHead title={text.inner}>{isRefused ? text.notFound : undefined}</PageHead>
        {!isRefused && <Trouble error={error} again={() => void refetch()} />}
        <Link to="/tokens">{text.back}</Link>
      </>
    )
  }
  return <UsageOf id={id} usage={data} />
}

function UsageOf({ id, usage }: { readonly id: string; readonly usage: Usage }) {
  const { user } = useWhoami()
  const { token } = usage
  const isEditable = token.owner === user && token.postern_status !== 'revoked'
  const actions = (
    <>
      {token.postern_status === 'revoked' && <UndoRevoke id={id} name={token.name} />}
      {isEditable && (
        <Button component={Link} to={`/tokens/edit?id=${id}`} variant="default">
          {text.edit}
        </Button>
      )}
      <Button component={Link} to="/tokens" variant="default">
        {text.back}
      </Button>
      <AsCommand calls={[{ name: 'postern_token_usage', args: { token_id: id } }]} />
    </>
  )
  return (
    <>
      <PageHead title={text.title(token.name)} actions={actions}>
        {text.period(USAGE_DAYS)}. {text.accuracy(usage.accuracy_seconds)}
      </PageHead>
      <Facts id={id} usage={usage} />
      <Suggestions usage={usage} />
      {(usage.secrets.length > 1 || usage.secrets.some((secret) => secret.awaits_first_use === 1)) && (
        <Secrets secrets={usage.secrets} />
      )}
      <section className="sheet part">
        <h2>{text.overTime}</h2>
        <CallsChart series={usage.series} />
      </section>
      <div className="figure-sheets">
        <NamedTable kind="functions" rows={usage.functions} />
        <NamedTable kind="addresses" rows={usage.addresses} />
        <NamedTable kind="accounts" rows={usage.accounts} />
        <NamedTable kind="refusals" rows={usage.refusals} />
      </div>
    </>
  )
}

function UndoRevoke({ id, name }: { readonly id: string; readonly name: string }) {
  const takeBack = async (): Promise<void> => {
    try {
      await undo({ act: 'revoke', ids: [id] })
      await queryClient.invalidateQueries(usageQuery(id))
      sayDone(text.undone(name))
    } catch (error) {
      sayFailed(error)
    }
  }
  return <Button onClick={() => void takeBack()}>{text.undoRevoke}</Button>
}

function Facts({ id, usage: { token } }: { readonly id: string; readonly usage: Usage }) {
  const { postern_status: status } = token
  const used = token.postern_last_used
  return (
    <dl className="sheet part watch-facts">
      <Fact name={text.state}>
        {status === 'revoked' ? text.revoked(token.postern_revoke_reason ?? '') : <Status status={status} />}
      </Fact>
      <Fact name={text.owner}>{token.owner}</Fact>
      <Fact name={text.id}>
        <code>{id}</code>
      </Fact>
      <Fact name={text.created}>
        <Moment at={token.create_time} />
      </Fact>
      <Fact name={text.firstUsed}>
        {token.postern_first_used === null ? (
          <span className="dim">{used === null ? text.never : text.notNoted}</span>
        ) : (
          <Moment at={token.postern_first_used} />
        )}
      </Fact>
      <Fact name={text.lastUsed}>
        {used === null ? (
          <span className="dim">{text.never}</span>
        ) : (
          <>
            <Moment at={used} withTime />
            <span className="note">
              {token.postern_last_used_from !== null && text.from(token.postern_last_used_from)}{' '}
              {token.postern_last_function !== null && text.lastWith(token.postern_last_function)}
            </span>
          </>
        )}
      </Fact>
      <Fact name={text.calls}>{token.postern_calls}</Fact>
      <Fact name={text.refused}>
        {token.postern_refused}
        {token.postern_last_refused !== null && (
          <span className="note">
            {text.lastRefused(refusalText(token.postern_last_refused_reason ?? ''))}{' '}
            <Moment at={token.postern_last_refused} />
          </span>
        )}
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Suggestions({ usage: { token, unused_privileges: unused } }: { readonly usage: Usage }) {
  if (unused.length === 0 || token.postern_status === 'revoked') return null
  const held = Object.values(token.acls).filter((is) => is === 1).length
  return (
    <section className="sheet part">
      <h2>{text.suggestions}</h2>
      <p>
        {text.unusedPrivileges(unused.length, held)} <code>{unused.join(', ')}</code>. {text.shrink}
      </p>
    </section>
  )
}

function Secrets({ secrets }: { readonly secrets: readonly Secret[] }) {
  return (
    <section className="sheet part">
      <h2>{text.secrets}</h2>
      <ul className="affected">
        {secrets.map((secret) => (
          <li key={secret.secret_number}>
            <strong>
              {secret.is_newest === 1 ? text.secretNew(secret.secret_number) : text.secretOld(secret.secret_number)}
            </strong>
            <div className="note">
              <LastSeen secret={secret} /> <End secret={secret} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

function LastSeen({ secret }: { readonly secret: Secret }) {
  if (secret.awaits_first_use === 1) return text.awaitsFirstUse
  if (secret.last_used === null) return text.notSeen
  return (
    <>
      {text.lastSeen}: <Moment at={secret.last_used} withTime />{' '}
      {secret.last_used_from !== null && text.from(secret.last_used_from)}.
    </>
  )
}

function End({ secret }: { readonly secret: Secret }) {
  if (secret.is_newest === 1) return null
  if (secret.ended != null) {
    return (
      <>
        {text.ended}: <Moment at={secret.ended} withTime />
      </>
    )
  }
  if (secret.ends_with_first_use === 1) return text.endsFirstUse
  if (secret.ends_at == null) return null
  return (
    <>
      {secret.ends_at * 1000 <= Date.now() ? text.ended : text.ends}: <Moment at={secret.ends_at} withTime />
    </>
  )
}

/** What a refusal's code means, where it has words. */
function refusalText(code: string): string {
  return words.audit.refusals[code] ?? code
}

type Kind = keyof typeof text.name

function NamedTable({ kind, rows }: { readonly kind: Kind; readonly rows: readonly Named[] }) {
  return (
    <section className="sheet part">
      <h2 id={`figures-${kind}`}>{text[kind]}</h2>
      {rows.length === 0 ? (
        <p className="dim">{text.none}</p>
      ) : (
        <table className="figures" aria-labelledby={`figures-${kind}`}>
          <thead>
            <tr>
              <th>{text.name[kind]}</th>
              <th>{text.calls}</th>
              <th>{text.last}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">{kind === 'refusals' ? refusalText(row.name) : row.name}</th>
                <td>{row.calls}</td>
                <td>
                  <Moment at={row.last} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
