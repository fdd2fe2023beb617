import { Button, Menu, NativeSelect, TextInput } from '@mantine/core'
import { memo, useDeferredValue, useMemo, useState } from 'react'
import { type Account, type AccountView, accountsQuery, selectAccounts, useAccounts } from '../accounts/account.ts'
import { PasswordDialog, SuspendDialog, TerminateDialog, UnsuspendDialog } from '../accounts/dialogs.tsx'
import { AccountState } from '../accounts/state.tsx'
import { useMay } from '../may.ts'
import type { Reads } from '../pages.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Pager, usePageNumber } from '../parts/pager.tsx'
import { RowMenu } from '../parts/row-menu.tsx'
import { useSearchText } from '../parts/use-search-text.ts'
import { queryClient, useWhoami } from '../queries.ts'
import { Link, setQuery, useQueryText } from '../router.tsx'
import { words } from '../words.ts'

const ROWS = 50
const text = words.accounts

export const reads: Reads = () => [queryClient.ensureQueryData(accountsQuery)]

/** Accounts » List Accounts: found by search, and what is done to one of them. */
export function AccountsPage() {
  const accounts = useAccounts()
  const { kind } = useWhoami()
  const may = useMay()
  const actions = (
    <>
      {may('create-acct') && (
        <Button component={Link} to="/accounts/new">
          {text.create}
        </Button>
      )}
      <AsCommand calls={[{ name: 'listaccts' }]} />
    </>
  )
  return (
    <>
      <PageHead title={text.title} actions={actions}>
        {kind === 'root' ? text.about : text.aboutOwn}
      </PageHead>
      {accounts.length === 0 ? <Empty /> : <List accounts={accounts} showsOwner={kind === 'root'} />}
    </>
  )
}

function Empty() {
  return (
    <div className="sheet none">
      <h2>{text.none}</h2>
      <p>{text.noneAbout}</p>
    </div>
  )
}

type ListProps = { readonly accounts: readonly Account[]; readonly showsOwner: boolean }

function List({ accounts, showsOwner }: ListProps) {
  const asked = new URLSearchParams(useQueryText())
  const view = viewOf(asked.get('view'))
  const [query, setTyped] = useSearchText()
  const [page, setPage] = usePageNumber()
  const [wanted, setWanted] = useState<Asked>()
  const typed = useDeferredValue(query)
  const found = useMemo(() => selectAccounts(accounts, view, typed), [accounts, view, typed])
  const pages = Math.max(1, Math.ceil(found.length / ROWS))
  const shownPage = Math.min(page, pages - 1)
  const shown = useMemo(() => found.slice(shownPage * ROWS, (shownPage + 1) * ROWS), [found, shownPage])
  return (
    <>
      <div className="toolbar">
        <TextInput
          type="search"
          className="grow"
          aria-label={text.search}
          placeholder={text.searchHint}
          value={query}
          onChange={(event) => {
            setTyped(event.currentTarget.value)
            setPage(0)
          }}
        />
        <NativeSelect
          aria-label={text.view}
          value={view}
          data={VIEWS.map((name) => ({ value: name, label: text.views[name] }))}
          onChange={(event) => {
            const { value } = event.currentTarget
            setQuery({ view: value === 'all' ? undefined : value, page: undefined })
          }}
        />
      </div>
      <p className="dim count" role="status">
        {text.count(found.length, accounts.length)}
      </p>
      {found.length === 0 ? (
        <div className="sheet none">
          <p>{text.noneFound}</p>
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              setTyped('')
              setQuery({ view: undefined, q: undefined, page: undefined })
            }}
          >
            {text.showAll}
          </Button>
        </div>
      ) : (
        <AccountTable accounts={shown} showsOwner={showsOwner} onAct={setWanted} />
      )}
      <Pager label={text.pages} page={shownPage} pages={pages} onPage={setPage} />
      {wanted !== undefined && <Asking wanted={wanted} onClose={() => setWanted(undefined)} />}
    </>
  )
}

const VIEWS: readonly AccountView[] = ['all', 'active', 'suspended']

function viewOf(asked: string | null): AccountView {
  return VIEWS.find((view) => view === asked) ?? 'all'
}

type Act = 'suspend' | 'unsuspend' | 'terminate' | 'password'
type Asked = { readonly act: Act; readonly account: Account }

function Asking({ wanted: { act, account }, onClose }: { readonly wanted: Asked; readonly onClose: () => void }) {
  if (act === 'suspend') return <SuspendDialog account={account} onClose={onClose} />
  if (act === 'unsuspend') return <UnsuspendDialog account={account} onClose={onClose} />
  if (act === 'password') return <PasswordDialog account={account} onClose={onClose} />
  return <TerminateDialog account={account} onClose={onClose} />
}

/** `onAct` must be the same function each time, so that the rows that stay are not made anew at each key. */
type TableProps = ListProps & { readonly onAct: (asked: Asked) => void }

/** On a narrow screen each row becomes a card with its headings beside the values. */
const AccountTable = memo(function AccountTable({ accounts, showsOwner, onAct }: TableProps) {
  const { columns } = text
  return (
    <table className="tokens accounts">
      <caption className="visually-hidden">{text.title}</caption>
      <thead>
        <tr>
          <th>{columns.user}</th>
          <th>{columns.domain}</th>
          {showsOwner && <th>{columns.owner}</th>}
          <th>{columns.plan}</th>
          <th>{columns.created}</th>
          <th>{columns.status}</th>
          <th>{columns.actions}</th>
        </tr>
      </thead>
      <tbody>
        {accounts.map((account) => (
          <Row key={account.user} account={account} showsOwner={showsOwner} onAct={onAct} />
        ))}
      </tbody>
    </table>
  )
})

type RowProps = Pick<TableProps, 'showsOwner' | 'onAct'> & { readonly account: Account }

const Row = memo(function Row({ account, showsOwner, onAct }: RowProps) {
  const { columns } = text
  const may = useMay()
  return (
    <tr data-status={account.suspended === 1 ? 'paused' : 'active'}>
      <th scope="row">
        {may('edit-account') ? <Link to={editPath(account)}>{account.user}</Link> : account.user}
        {account.email !== '' && <span className="note">{account.email}</span>}
      </th>
      <td data-label={columns.domain}>
        <bdi>{account.domain}</bdi>
      </td>
      {showsOwner && <td data-label={columns.owner}>{account.owner}</td>}
      <td data-label={columns.plan}>
        <bdi>{account.plan}</bdi>
      </td>
      <td data-label={columns.created}>
        <Moment at={account.unix_startdate} />
      </td>
      <td data-label={columns.status}>
        <div>
          <AccountState account={account} />
        </div>
      </td>
      <td className="row-actions">
        {may('edit-account') && (
          <Link to={editPath(account)} className="row-button" aria-label={text.modifyOf(account.user)}>
            {text.modify}
          </Link>
        )}
        <RowMenu label={text.more(account.user)}>{() => <Items account={account} onAct={onAct} />}</RowMenu>
      </td>
    </tr>
  )
})

function editPath({ user }: Account): string {
  return `/accounts/edit?user=${encodeURIComponent(user)}`
}

function Items({ account, onAct }: Omit<RowProps, 'showsOwner'>) {
  const may = useMay()
  const item = (act: Act, label: string, className?: string) => (
    <Menu.Item className={className} onClick={() => onAct({ act, account })}>
      {label}
    </Menu.Item>
  )
  return (
    <>
      {may('suspend-acct') &&
        (account.suspended === 1 ? item('unsuspend', text.unsuspend.action) : item('suspend', text.suspend.action))}
      {may('passwd') && item('password', text.form.setPassword)}
      {may('kill-acct') && (
        <>
          <Menu.Divider />
          {item('terminate', text.terminate.action, 'danger-item')}
        </>
      )}
    </>
  )
}
