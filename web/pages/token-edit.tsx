import { useState } from 'react'
import { callConfirmed } from '../api.ts'
import { clockTime, isoDate } from '../moments.ts'
import type { Reads } from '../pages.ts'
import { PageHead } from '../parts/page-head.tsx'
import { sayDone } from '../parts/say.ts'
import { queryClient, useWhoami } from '../queries.ts'
import { Link, navigate, useQueryText } from '../router.tsx'
import { refreshTokens } from '../tokens/act.ts'
import { type Difference, type Draft, differenceOf, isNothing, updateArguments } from '../tokens/draft.ts'
import { type Checked, TokenForm } from '../tokens/form.tsx'
import { type Privilege, privilegesQuery, usePrivileges } from '../tokens/privileges.ts'
import { Review, stepToReview, Until, useReviewStep } from '../tokens/review.tsx'
import { type Token, tokensQuery, useTokens } from '../tokens/token.ts'
import { words } from '../words.ts'

const { form, reviewPage } = words.tokens

export const reads: Reads = () => [
  queryClient.ensureQueryData(tokensQuery),
  queryClient.ensureQueryData(privilegesQuery),
]

/** Changes name, expiry, addresses and privileges of one's own token; the difference is shown before anything is saved. */
export function TokenEditPage() {
  const { user } = useWhoami()
  const tokens = useTokens()
  const id = new URLSearchParams(useQueryText()).get('id')
  const token = tokens.find((candidate) => candidate.id === id && candidate.owner === user)
  if (token === undefined) {
    return (
      <PageHead title={form.editInner}>
        {form.notFound} <Link to="/tokens">{form.back}</Link>
      </PageHead>
    )
  }
  const taken = tokens.filter((other) => other.owner === user && other.id !== token.id).map(({ name }) => name)
  return <Edit key={token.id} token={token} taken={taken} />
}

function Edit({ token, taken }: { readonly token: Token; readonly taken: readonly string[] }) {
  const { server } = useWhoami()
  const privileges = usePrivileges()
  const [draft, setDraft] = useState<Draft>(() => draftOf(token, server.timezone))
  const [checked, setChecked] = useState<Checked>()
  const isReviewed = useReviewStep()
  if (checked !== undefined && isReviewed) {
    const difference = differenceOf(token, checked.draft, checked.rules, checked.expiresAt)
    const args = updateArguments(token, checked.draft, difference)
    const save = async (): Promise<void> => {
      await callConfirmed('api_token_update', args)
      await refreshTokens()
      sayDone(reviewPage.saved(checked.draft.name))
      navigate('/tokens')
    }
    return (
      <Review
        title={reviewPage.editTitle}
        submit={reviewPage.save}
        call={{ name: 'api_token_update', args }}
        onSubmit={save}
        isDisabled={isNothing(difference)}
      >
        <p>{isNothing(difference) ? reviewPage.nothingChanged : reviewPage.takesEffect}</p>
        <Changes token={token} difference={difference} privileges={privileges} />
      </Review>
    )
  }
  return (
    <>
      <PageHead title={form.editTitle(token.name)}>{reviewPage.takesEffect}</PageHead>
      <TokenForm
        draft={draft}
        onChange={(next) => {
          setDraft(next)
          setChecked(undefined)
        }}
        privileges={privileges}
        taken={taken}
        lastUsedFrom={token.lastUsedFrom}
        onChecked={(found) => {
          setChecked(found)
          stepToReview()
        }}
      />
    </>
  )
}

/** An end that is no end of a day has its time of day in the form. */
function draftOf(token: Token, timezone: string): Draft {
  const { expiresAt } = token
  const time = expiresAt === undefined ? '' : clockTime(expiresAt, timezone)
  return {
    name: token.name,
    note: token.note,
    ticket: token.ticket,
    privileges: new Set(token.privileges.filter((acl) => acl !== 'all')),
    isEverything: token.privileges.includes('all'),
    ips: token.ips.join('\n'),
    expiry:
      expiresAt === undefined
        ? { kind: 'never', date: '', time: undefined }
        : {
            kind: 'date',
            date: isoDate(expiresAt, timezone),
            time: time === '23:59:59' ? undefined : time.slice(0, 5),
          },
  }
}

type ChangesProps = {
  readonly token: Token
  readonly difference: Difference
  readonly privileges: readonly Privilege[]
}

function Changes({ token, difference, privileges }: ChangesProps) {
  const { added, removed, ipsAdded, ipsRemoved, newName, expiry, isNoteChanged } = difference
  const labelOf = (acl: string): string => privileges.find((privilege) => privilege.acl === acl)?.label ?? acl
  return (
    <ul className="changes">
      {newName !== undefined && <li>{reviewPage.renames(token.name, newName)}</li>}
      {added.map((acl) => (
        <li key={acl} data-change="add">
          {reviewPage.adds} {labelOf(acl)} <code>{acl}</code>
        </li>
      ))}
      {removed.map((acl) => (
        <li key={acl} data-change="remove">
          {reviewPage.removes} {labelOf(acl)} <code>{acl}</code>
        </li>
      ))}
      {ipsAdded.map((rule) => (
        <li key={rule} data-change="add">
          {reviewPage.adds} <span className="address">{rule}</span>
        </li>
      ))}
      {ipsRemoved.map((rule) => (
        <li key={rule} data-change="remove">
          {reviewPage.removes} <span className="address">{rule}</span>
        </li>
      ))}
      {expiry !== undefined && (
        <li>
          {words.tokens.columns.expires}: <Until at={expiry.before} /> → <Until at={expiry.after} />
        </li>
      )}
      {isNoteChanged && <li>{reviewPage.noteChanged}</li>}
    </ul>
  )
}
