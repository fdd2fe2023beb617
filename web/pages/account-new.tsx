import { Button, Checkbox, Group, PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { ownersQuery, refreshAccounts } from '../accounts/account.ts'
import { OwnerField, PackageField, TextField } from '../accounts/fields.tsx'
import { problemOf } from '../accounts/problems.ts'
import { type Arguments, callFunction } from '../api.ts'
import type { Reads } from '../pages.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { ErrorSummary, type FieldProblem } from '../parts/error-summary.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { sayDone } from '../parts/say.ts'
import { queryClient, useWhoami } from '../queries.ts'
import { Link, navigate } from '../router.tsx'
import { words } from '../words.ts'

const { form } = words.accounts

type Draft = {
  readonly domain: string
  readonly user: string
  readonly password: string
  readonly email: string
  readonly plan: string
  readonly owner: string
  readonly isReseller: boolean
}

export const reads: Reads = ({ kind }) => (kind === 'root' ? [queryClient.ensureQueryData(ownersQuery)] : [])

/** Accounts » Create a New Account. */
export function AccountNewPage() {
  const { user, kind } = useWhoami()
  const [draft, setDraft] = useState<Draft>({
    domain: '',
    user: '',
    password: '',
    email: '',
    plan: '',
    owner: user,
    isReseller: false,
  })
  const [problems, setProblems] = useState<readonly FieldProblem[]>([])
  const [attempt, setAttempt] = useState(0)
  const [isBusy, setBusy] = useState(false)
  const set = (more: Partial<Draft>): void => setDraft((before) => ({ ...before, ...more }))
  const refuse = (found: readonly FieldProblem[]): void => {
    setProblems(found)
    setAttempt((before) => before + 1)
  }
  const create = async (): Promise<void> => {
    const missing = missingIn(draft)
    if (missing.length > 0) return refuse(missing)
    setBusy(true)
    try {
      await callFunction('createacct', { ...argumentsOf(draft), password: draft.password })
      await refreshAccounts()
      sayDone(form.created(draft.user))
      navigate('/accounts')
    } catch (error) {
      refuse([problemOf(error)])
      setBusy(false)
    }
  }
  return (
    <>
      <PageHead
        title={form.newTitle}
        actions={<AsCommand calls={[{ name: 'createacct', args: argumentsOf(draft) }]} />}
      />
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        {problems.length > 0 && <ErrorSummary problems={problems} shownAt={attempt} />}
        <div className="sheet part">
          <div className="fields">
            <TextField
              name="domain"
              label={form.domain}
              hint={form.domainHint}
              value={draft.domain}
              onChange={(domain) => set({ domain })}
              problems={problems}
            />
            <TextField
              name="user"
              label={form.user}
              hint={form.userHint}
              value={draft.user}
              onChange={(name) => set({ user: name })}
              problems={problems}
              maxLength={100}
            />
            <PasswordInput
              id="field-password"
              label={form.password}
              description={form.passwordHint}
              value={draft.password}
              autoComplete="new-password"
              error={problems.find(({ fieldId }) => fieldId === 'field-password')?.text}
              onChange={(event) => set({ password: event.currentTarget.value })}
            />
            <TextField
              name="email"
              label={form.email}
              hint={form.emailHint}
              value={draft.email}
              onChange={(email) => set({ email })}
              problems={problems}
            />
            <PackageField value={draft.plan} onChange={(plan) => set({ plan })} />
            {kind === 'root' && (
              <>
                <OwnerField value={draft.owner} onChange={(owner) => set({ owner })} />
                <Checkbox
                  label={form.reseller}
                  checked={draft.isReseller}
                  onChange={(event) => set({ isReseller: event.currentTarget.checked })}
                />
              </>
            )}
          </div>
        </div>
        <Group mt="md" gap="xs">
          <Button type="submit" loading={isBusy}>
            {form.create}
          </Button>
          <Button component={Link} to="/accounts" variant="default">
            {words.common.cancel}
          </Button>
        </Group>
      </form>
    </>
  )
}

function missingIn({ user, password }: Draft): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  if (user.trim() === '') problems.push({ fieldId: 'field-user', field: form.user, text: form.userMissing })
  if (password === '') problems.push({ fieldId: 'field-password', field: form.password, text: form.passwordMissing })
  return problems
}

/** All but the password, which no command shows. */
function argumentsOf({ domain, user, email, plan, owner, isReseller }: Draft): Arguments {
  const unlessEmpty = (value: string): string | undefined => (value === '' ? undefined : value)
  return {
    username: user,
    domain: unlessEmpty(domain.trim()),
    contactemail: unlessEmpty(email.trim()),
    plan: unlessEmpty(plan),
    owner: owner === 'root' ? undefined : owner,
    reseller: isReseller ? 1 : undefined,
  }
}
