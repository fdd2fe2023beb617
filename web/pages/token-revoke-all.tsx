import { Button, Group, TextInput } from '@mantine/core'
import { useState } from 'react'
import { callFunction } from '../api.ts'
import type { Reads } from '../pages.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { ErrorSummary, type FieldProblem } from '../parts/error-summary.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { sayFailed } from '../parts/say.ts'
import { queryClient, useWhoami } from '../queries.ts'
import { Link, navigate } from '../router.tsx'
import { refreshTokens, sayRevoked } from '../tokens/act.ts'
import { privilegesQuery, usePrivileges } from '../tokens/privileges.ts'
import { reachText } from '../tokens/reach.ts'
import { LastUse } from '../tokens/table.tsx'
import { type Token, tokensQuery, useTokens } from '../tokens/token.ts'
import { words } from '../words.ts'

const { revokeAll } = words.tokens

export const reads: Reads = () => [
  queryClient.ensureQueryData(tokensQuery),
  queryClient.ensureQueryData(privilegesQuery),
]

/** Ends every token of the reader's own; a page of its own, so that nobody does it in passing. */
export function TokenRevokeAllPage() {
  const { user } = useWhoami()
  const tokens = useTokens().filter(({ owner }) => owner === user)
  return (
    <>
      <PageHead title={revokeAll.title} actions={<AsCommand calls={[{ name: 'postern_token_revoke_all' }]} />}>
        {revokeAll.about}
      </PageHead>
      {tokens.length === 0 ? (
        <p>
          {revokeAll.none} <Link to="/tokens">{revokeAll.cancel}</Link>
        </p>
      ) : (
        <RevokeAllForm tokens={tokens} />
      )}
    </>
  )
}

function RevokeAllForm({ tokens }: { readonly tokens: readonly Token[] }) {
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [attempt, setAttempt] = useState<{ readonly at: number; readonly problems: readonly FieldProblem[] }>()
  const carryOut = async (): Promise<void> => {
    const problems: FieldProblem[] = []
    if (reason.trim() === '') problems.push({ fieldId: 'field-reason', field: '', text: revokeAll.reasonMissing })
    if (typed.trim() !== revokeAll.typedWord)
      problems.push({ fieldId: 'field-typed', field: '', text: revokeAll.typedMissing })
    setAttempt({ at: Date.now(), problems })
    if (problems.length > 0) return
    setBusy(true)
    try {
      const { data } = await callFunction<{ readonly revoked: number; readonly tokens: readonly string[] }>(
        'postern_token_revoke_all',
        { reason },
      )
      await refreshTokens()
      sayRevoked({ act: 'revoke', ids: data.tokens }, revokeAll.done(data.revoked))
      navigate('/tokens')
    } catch (error) {
      sayFailed(error)
      setBusy(false)
    }
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void carryOut()
      }}
    >
      {attempt !== undefined && attempt.problems.length > 0 && (
        <ErrorSummary problems={attempt.problems} shownAt={attempt.at} />
      )}
      <section className="sheet part">
        <h2>{revokeAll.effects}</h2>
        <Effects tokens={tokens} />
      </section>
      <section className="sheet part fields">
        <TextInput
          id="field-reason"
          label={revokeAll.reason}
          description={revokeAll.reasonHint}
          value={reason}
          maxLength={200}
          required
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <TextInput
          id="field-typed"
          label={revokeAll.typed}
          value={typed}
          required
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </section>
      <Group gap="xs" mt="lg">
        <Button type="submit" color="red.8" loading={isBusy}>
          {revokeAll.confirm(tokens.length)}
        </Button>
        <Button component={Link} to="/tokens" variant="default">
          {revokeAll.cancel}
        </Button>
      </Group>
    </form>
  )
}

const LISTED = 100

function Effects({ tokens }: { readonly tokens: readonly Token[] }) {
  const privileges = usePrivileges()
  const lastFirst = tokens.toSorted((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0))
  return (
    <ul className="affected">
      {lastFirst.slice(0, LISTED).map((token) => (
        <li key={token.id}>
          <strong>{token.name}</strong> <span className="dim">{reachText(token, privileges)}</span>
          <div className="note">
            {words.tokens.revoke.lastUsed}: <LastUse token={token} />
          </div>
        </li>
      ))}
      {tokens.length > LISTED && <li>{words.tokens.count(tokens.length)}</li>}
    </ul>
  )
}
