import { Button, Group } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { clockTime, dateOnly } from '../moments.ts'
import type { Command } from '../parts/as-command.tsx'
import { AsCommand } from '../parts/as-command.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useWhoami } from '../queries.ts'
import { stepTo, useQueryText } from '../router.tsx'
import { words } from '../words.ts'
import { aclsOf } from './draft.ts'
import type { Checked } from './form.tsx'
import { Danger } from './picker.tsx'
import type { Privilege } from './privileges.ts'
import { functionsOpened } from './reach.ts'

const { reviewPage, form } = words.tokens

const STEP = 'review'

/** The review is a step of its own in the browser's history, so that its Back button leads to the form as “Edit” does. */
export function stepToReview(): void {
  stepTo({ step: STEP })
}

export function useReviewStep(): boolean {
  return new URLSearchParams(useQueryText()).get('step') === STEP
}

type Props = {
  readonly title: string
  readonly submit: string
  readonly call: Command
  readonly onSubmit: () => Promise<void>
  readonly isDisabled?: boolean
  readonly children: ReactNode
}

/** The last look before something is done; going back loses nothing. */
export function Review({ title, submit, call, onSubmit, isDisabled = false, children }: Props) {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const carryOut = async (): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    try {
      await onSubmit()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : words.errors.broken)
      setBusy(false)
    }
  }
  return (
    <>
      <PageHead title={title} actions={<AsCommand calls={[call]} />} />
      <section className="sheet part review">{children}</section>
      {problem !== undefined && (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
      <Group gap="xs" mt="lg">
        <Button onClick={() => void carryOut()} loading={isBusy} disabled={isDisabled}>
          {submit}
        </Button>
        <Button variant="default" onClick={() => window.history.back()}>
          {reviewPage.edit}
        </Button>
      </Group>
    </>
  )
}

/** What the token will be, in words. */
export function Summary({
  checked,
  privileges,
}: {
  readonly checked: Checked
  readonly privileges: readonly Privilege[]
}) {
  const { kind } = useWhoami()
  const { draft, expiresAt, rules } = checked
  const acls = aclsOf(draft)
  const chosen = privileges.filter(({ acl }) => acls.includes(acl))
  const rest = privileges.length - chosen.length
  const escaping = chosen.filter(({ danger }) => danger === 'escalates')
  return (
    <dl>
      <dt>{reviewPage.name}</dt>
      <dd>
        <strong>{draft.name}</strong>
        {draft.note !== '' && <div className="dim">{draft.note}</div>}
        {draft.ticket !== '' && <div className="dim">{draft.ticket}</div>}
      </dd>
      <dt>{reviewPage.can}</dt>
      <dd>
        <ul>
          {chosen.map(({ acl, label, description }) => (
            <li key={acl}>
              {label}: <span className="dim">{description}</span>
            </li>
          ))}
        </ul>
        <span className="dim">{words.tokens.functionCount(functionsOpened(acls, privileges).length)}</span>
      </dd>
      <dt>{reviewPage.cannot}</dt>
      <dd>
        <ul>
          {!draft.isEverything && <li>{reviewPage.cannotRest(rest)}</li>}
          {!draft.isEverything && !acls.includes('manage-api-tokens') && <li>{reviewPage.cannotTokens}</li>}
          {acls.includes('manage-api-tokens') && <li>{reviewPage.canTokens}</li>}
        </ul>
      </dd>
      <dt>{reviewPage.accounts}</dt>
      <dd>{kind === 'root' ? form.accountsRoot : form.accountsOwn}</dd>
      <dt>{reviewPage.from}</dt>
      <dd className="address">{rules.length === 0 ? reviewPage.anyAddress : reviewPage.addresses(rules)}</dd>
      <dt>{reviewPage.until}</dt>
      <dd>
        <Until at={expiresAt} />
      </dd>
      <dt>{reviewPage.reach}</dt>
      <dd>
        {draft.isEverything ? <strong>{reviewPage.equalsRoot}</strong> : reviewPage.notRoot}
        {escaping.length > 0 && (
          <div>
            {reviewPage.escapes}
            {escaping.map((privilege) => (
              <Danger key={privilege.acl} privilege={privilege} isNamed />
            ))}
          </div>
        )}
        <p className="dim flat">{reviewPage.policy}</p>
      </dd>
    </dl>
  )
}

/** The end in the server's zone, by whose clock it is judged. */
export function Until({ at }: { readonly at: number | undefined }) {
  const { server } = useWhoami()
  if (at === undefined) return <>{reviewPage.neverEnds}</>
  return <>{`${dateOnly(at, server.timezone)}, ${clockTime(at, server.timezone)} ${server.timezone}`}</>
}
