import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { type Account, accountsQuery, ownersQuery, refreshAccounts, useAccounts } from '../accounts/account.ts'
import { PasswordDialog, SuspendDialog, TerminateDialog, UnsuspendDialog } from '../accounts/dialogs.tsx'
import { OwnerField, PackageField, TextField } from '../accounts/fields.tsx'
import { problemOf } from '../accounts/problems.ts'
import { AccountState } from '../accounts/state.tsx'
import { type Arguments, callFunction } from '../api.ts'
import { useMay } from '../may.ts'
import type { Reads } from '../pages.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { ErrorSummary, type FieldProblem } from '../parts/error-summary.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { sayDone } from '../parts/say.ts'
import { queryClient, useWhoami } from '../queries.ts'
import { Link, navigate, useQueryText } from '../router.tsx'
import { words } from '../words.ts'

const { form, suspend, unsuspend, terminate } = words.accounts

export const reads: Reads = ({ kind }) => [
  queryClient.ensureQueryData(accountsQuery),
  ...(kind === 'root' ? [queryClient.ensureQueryData(ownersQuery)] : []),
]

/** Accounts » Modify an Account, the one that the address names. */
export function AccountEditPage() {
  const user = new URLSearchParams(useQueryText()).get('user') ?? ''
  const account = useAccounts().find((candidate) => candidate.user === user)
  if (account === undefined) {
    return (
      <>
        <PageHead title={form.editInner}>{form.missing(user)}</PageHead>
        <Link to="/accounts">{form.back}</Link>
      </>
    )
  }
  return <Edit key={account.user} account={account} />
}

type Draft = Pick<Account, 'user' | 'domain' | 'email' | 'owner' | 'plan'>

function Edit({ account }: { readonly account: Account }) {
  const { kind } = useWhoami()
  const may = useMay()
  const [draft, setDraft] = useState<Draft>(account)
  const [problems, setProblems] = useState<readonly FieldProblem[]>([])
  const [attempt, setAttempt] = useState(0)
  const [isBusy, setBusy] = useState(false)
  const set = (more: Partial<Draft>): void => setDraft((before) => ({ ...before, ...more }))
  const calls = callsFor(account, draft)
  const save = async (): Promise<void> => {
    setBusy(true)
    try {
      for (const { name, args } of calls) await callFunction(name, args)
      // To its new name first, so that the list that is read anew still has the account that is shown.
      sayDone(form.saved(draft.user))
      navigate('/accounts')
      await refreshAccounts()
    } catch (error) {
      setProblems([problemOf(error)])
      setAttempt((before) => before + 1)
      setBusy(false)
    }
  }
  return (
    <>
      <PageHead
        title={form.editTitle(account.user)}
        actions={
          <AsCommand calls={calls.length > 0 ? calls : [{ name: 'modifyacct', args: { user: account.user } }]} />
        }
      >
        <AccountState account={account} />
      </PageHead>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (calls.length > 0) void save()
        }}
      >
        {problems.length > 0 && <ErrorSummary problems={problems} shownAt={attempt} />}
        <div className="sheet part">
          <div className="fields">
            <TextField
              name="user"
              label={form.user}
              hint={form.renameNote}
              value={draft.user}
              onChange={(user) => set({ user })}
              problems={problems}
              maxLength={100}
            />
            <TextField
              name="domain"
              label={form.domain}
              value={draft.domain}
              onChange={(domain) => set({ domain })}
              problems={problems}
            />
            <TextField
              name="email"
              label={form.email}
              value={draft.email}
              onChange={(email) => set({ email })}
              problems={problems}
            />
            {may('upgrade-account') && (
              <PackageField value={draft.plan} onChange={(plan) => set({ plan })} hint={form.planHint} />
            )}
            {kind === 'root' && <OwnerField value={draft.owner} onChange={(owner) => set({ owner })} />}
          </div>
        </div>
        <Changes account={account} draft={draft} />
        <Group my="md" gap="xs">
          <Button type="submit" loading={isBusy} disabled={calls.length === 0}>
            {form.save}
          </Button>
          <Button component={Link} to="/accounts" variant="default">
            {words.common.cancel}
          </Button>
        </Group>
      </form>
      <Others account={account} />
    </>
  )
}

/** The package first, while the account still has the name that the call knows. */
function callsFor(account: Account, draft: Draft): readonly { readonly name: string; readonly args: Arguments }[] {
  const args = argumentsOf(account, draft)
  return [
    ...(draft.plan === account.plan ? [] : [{ name: 'changepackage', args: { user: account.user, pkg: draft.plan } }]),
    ...(Object.keys(args).length > 1 ? [{ name: 'modifyacct', args }] : []),
  ]
}

function argumentsOf(account: Account, draft: Draft): Arguments {
  const changed = (field: keyof Draft): string | undefined => {
    const value = draft[field].trim()
    return value === account[field] ? undefined : value
  }
  const all = {
    user: account.user,
    newuser: changed('user'),
    domain: changed('domain'),
    contactemail: changed('email'),
    owner: changed('owner'),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** The difference in words, before it is saved. */
function Changes({ account, draft }: { readonly account: Account; readonly draft: Draft }) {
  const labels = { user: form.user, domain: form.domain, email: form.email, plan: form.plan, owner: form.owner }
  const changed = (['user', 'domain', 'email', 'plan', 'owner'] as const).filter(
    (field) => draft[field].trim() !== account[field],
  )
  const shown = (text: string): string => (text === '' ? form.empty : text)
  return (
    <section className="sheet part" aria-live="polite">
      <h2>{form.changes}</h2>
      {changed.length === 0 ? (
        <p className="dim flat">{form.noChanges}</p>
      ) : (
        <>
          <ul className="changes">
            {changed.map((field) => (
              <li key={field}>{form.change(labels[field], shown(account[field]), shown(draft[field].trim()))}</li>
            ))}
          </ul>
          <p className="dim flat">{form.takesEffect}</p>
        </>
      )}
    </section>
  )
}

type Act = 'suspend' | 'unsuspend' | 'terminate' | 'password'

function Others({ account }: { readonly account: Account }) {
  const may = useMay()
  const [act, setAct] = useState<Act>()
  const close = (): void => setAct(undefined)
  const button = (which: Act, label: string) => (
    <Button variant="default" onClick={() => setAct(which)}>
      {label}
    </Button>
  )
  return (
    <section className="sheet part others">
      <h2>{form.other}</h2>
      <Group gap="xs">
        {may('suspend-acct') &&
          (account.suspended === 1 ? button('unsuspend', unsuspend.action) : button('suspend', suspend.action))}
        {may('passwd') && button('password', form.setPassword)}
        {may('kill-acct') && button('terminate', terminate.action)}
      </Group>
      {act === 'suspend' && <SuspendDialog account={account} onClose={close} />}
      {act === 'unsuspend' && <UnsuspendDialog account={account} onClose={close} />}
      {act === 'password' && <PasswordDialog account={account} onClose={close} />}
      {act === 'terminate' && (
        <TerminateDialog account={account} onClose={close} onDone={() => navigate('/accounts')} />
      )}
    </section>
  )
}
