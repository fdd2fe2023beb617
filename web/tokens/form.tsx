import { Button, Group, TextInput } from '@mantine/core'
import { type ReactNode, useId, useState } from 'react'
import { ErrorSummary, type FieldProblem } from '../parts/error-summary.tsx'
import { useWhoami } from '../queries.ts'
import { Link } from '../router.tsx'
import { words } from '../words.ts'
import { aclsOf, type Draft, nameProblem } from './draft.ts'
import { ExpiryField, useExpiry } from './expiry-field.tsx'
import { IpField, ipProblems, keptRules } from './ip-field.tsx'
import { Picker } from './picker.tsx'
import type { Privilege } from './privileges.ts'

/** A draft that the form found nothing wrong with, with what the server made of dates and rules. */
export type Checked = {
  readonly draft: Draft
  readonly expiresAt: number | undefined
  readonly rules: readonly string[]
}

type Props = {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly privileges: readonly Privilege[]
  /** Names that other tokens of the reader have. */
  readonly taken: readonly string[]
  /** Of the token that is edited. */
  readonly lastUsedFrom: string
  readonly onChecked: (checked: Checked) => void
  readonly children?: ReactNode
}

const { form } = words.tokens

/** The form for a new and for a changed token, in the order in which one thinks about it. Nothing is sent from here. */
export function TokenForm(props: Props) {
  const { draft, onChange, privileges, taken, lastUsedFrom, onChecked } = props
  const { kind } = useWhoami()
  const [attempt, setAttempt] = useState<{ readonly at: number; readonly problems: readonly FieldProblem[] }>()
  const [isNameLeft, setNameLeft] = useState(false)
  const expiry = useExpiry(draft.expiry)
  const set = (more: Partial<Draft>): void => onChange({ ...draft, ...more })
  const wrongName = nameProblem(draft.name, taken)
  const problemOf = (fieldId: string): string | undefined =>
    attempt?.problems.find((problem) => problem.fieldId === fieldId)?.text

  const [isBusy, setBusy] = useState(false)
  const fail = (problems: readonly FieldProblem[]): void => setAttempt({ at: Date.now(), problems })
  const check = async (): Promise<void> => {
    setBusy(true)
    try {
      await checkAll()
    } catch (error) {
      // The fields are as they were: what could not be asked can be asked again.
      fail([{ fieldId: 'content', field: '', text: error instanceof Error ? error.message : words.errors.broken }])
    } finally {
      setBusy(false)
    }
  }
  const checkAll = async (): Promise<void> => {
    const [settled, wrongIps] = await Promise.all([expiry.settle(), ipProblems(draft.ips)])
    const problems: FieldProblem[] = []
    if (wrongName !== undefined) problems.push({ fieldId: 'field-name', field: form.name, text: wrongName })
    if (aclsOf(draft).length === 0)
      problems.push({ fieldId: 'field-privileges', field: form.may, text: form.mayMissing })
    for (const text of wrongIps) problems.push({ fieldId: 'field-ips', field: form.ips, text })
    if (settled.problem !== undefined) problems.push({ fieldId: 'field-date', field: form.date, text: settled.problem })
    fail(problems)
    if (problems.length === 0) onChecked({ draft, expiresAt: settled.expiresAt, rules: await keptRules(draft.ips) })
  }

  const showsName = draft.name !== '' || isNameLeft || attempt !== undefined
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void check()
      }}
    >
      {attempt !== undefined && attempt.problems.length > 0 && (
        <ErrorSummary problems={attempt.problems} shownAt={attempt.at} />
      )}
      {props.children}
      <Part title={form.who}>
        <div className="fields">
          <TextInput
            id="field-name"
            label={form.name}
            description={form.nameHint}
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            onBlur={() => setNameLeft(true)}
            error={showsName ? wrongName : undefined}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            required
          />
          <TextInput
            label={form.note}
            description={form.noteHint}
            value={draft.note}
            maxLength={500}
            onChange={(event) => set({ note: event.currentTarget.value })}
          />
          <TextInput
            label={form.ticket}
            value={draft.ticket}
            maxLength={100}
            onChange={(event) => set({ ticket: event.currentTarget.value })}
          />
        </div>
      </Part>
      <Part title={form.may}>
        <Picker
          privileges={privileges}
          chosen={draft.privileges}
          isEverything={draft.isEverything}
          onChange={(chosen) => set({ privileges: chosen })}
          onEverything={(isEverything) => set({ isEverything })}
          problem={aclsOf(draft).length === 0 ? problemOf('field-privileges') : undefined}
        />
      </Part>
      <Part title={form.accounts}>
        <p className="flat">{kind === 'root' ? form.accountsRoot : form.accountsOwn}</p>
      </Part>
      <Part title={form.where}>
        <IpField value={draft.ips} onChange={(ips) => set({ ips })} lastUsedFrom={lastUsedFrom} />
      </Part>
      <Part title={form.until}>
        <ExpiryField value={draft.expiry} onChange={(value) => set({ expiry: value })} resolved={expiry} />
      </Part>
      <Group gap="xs" mt="lg">
        <Button type="submit" loading={isBusy}>
          {form.review}
        </Button>
        <Button component={Link} to="/tokens" variant="default">
          {form.back}
        </Button>
      </Group>
    </form>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = useId()
  return (
    <section className="sheet part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}
