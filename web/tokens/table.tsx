import { Checkbox, Menu, UnstyledButton } from '@mantine/core'
import { memo } from 'react'
import { Moment } from '../parts/moment.tsx'
import { RowMenu } from '../parts/row-menu.tsx'
import { Link } from '../router.tsx'
import { words } from '../words.ts'
import type { Privilege } from './privileges.ts'
import { functionsOpened } from './reach.ts'
import { Status } from './status.tsx'
import type { Token } from './token.ts'
import { type Sorting, type SortKey, stillKnocks } from './views.ts'

export type RowAction = 'pause' | 'resume' | 'rotate' | 'revoke' | 'undo'

type Props = {
  readonly tokens: readonly Token[]
  readonly privileges: readonly Privilege[]
  /** The reader: only their own tokens can be edited. */
  readonly user: string
  readonly showsOwner: boolean
  readonly sorting: Sorting
  readonly onSort: (key: SortKey) => void
  readonly selected: ReadonlySet<string>
  readonly onSelect: (ids: readonly string[], isSelected: boolean) => void
  readonly onAct: (action: RowAction, token: Token) => void
}

const { columns, list } = words.tokens

/** The tokens of one page of the list. On a narrow screen each row becomes a card with its headings beside the values. */
export const TokenTable = memo(function TokenTable(props: Props) {
  const { tokens, selected, showsOwner } = props
  const ids = tokens.filter(({ status }) => status !== 'revoked').map(({ id }) => id)
  const number = ids.filter((id) => selected.has(id)).length
  const heading = (key: SortKey) => <SortHeading sortKey={key} sorting={props.sorting} onSort={props.onSort} />
  return (
    <table className="tokens">
      <caption className="visually-hidden">{words.tokens.title}</caption>
      <thead>
        <tr>
          <th className="check">
            <Checkbox
              size="xs"
              aria-label={list.selectAll}
              checked={number > 0 && number === ids.length}
              indeterminate={number > 0 && number < ids.length}
              onChange={(event) => props.onSelect(ids, event.currentTarget.checked)}
            />
          </th>
          {heading('name')}
          {showsOwner && heading('owner')}
          <th>{columns.reach}</th>
          <th>{columns.ips}</th>
          {heading('created')}
          {heading('used')}
          {heading('expires')}
          {heading('status')}
          <th className="visually-hidden-narrow">{columns.actions}</th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <Row
            key={token.id}
            token={token}
            privileges={props.privileges}
            isOwn={token.owner === props.user}
            showsOwner={showsOwner}
            isSelected={selected.has(token.id)}
            onSelect={props.onSelect}
            onAct={props.onAct}
          />
        ))}
      </tbody>
    </table>
  )
})

type HeadingProps = Pick<Props, 'sorting' | 'onSort'> & { readonly sortKey: SortKey }

function SortHeading({ sortKey, sorting, onSort }: HeadingProps) {
  const isSorted = sorting.key === sortKey
  return (
    <th aria-sort={isSorted ? (sorting.isDown ? 'descending' : 'ascending') : undefined}>
      <UnstyledButton className="sort" onClick={() => onSort(sortKey)}>
        {columns[sortKey]}
        <span aria-hidden="true">{isSorted ? (sorting.isDown ? ' ▾' : ' ▴') : ''}</span>
      </UnstyledButton>
    </th>
  )
}

type RowProps = {
  readonly token: Token
  readonly privileges: readonly Privilege[]
  readonly isOwn: boolean
  readonly showsOwner: boolean
  readonly isSelected: boolean
  readonly onSelect: Props['onSelect']
  readonly onAct: Props['onAct']
}

const Row = memo(function Row({ token, privileges, isOwn, showsOwner, isSelected, onSelect, onAct }: RowProps) {
  const isRevoked = token.status === 'revoked'
  return (
    <tr data-status={token.status} data-selected={isSelected}>
      <td className="check">
        {!isRevoked && (
          <input
            type="checkbox"
            aria-label={list.select(token.name)}
            checked={isSelected}
            onChange={(event) => onSelect([token.id], event.currentTarget.checked)}
          />
        )}
      </td>
      <th scope="row">
        <Link to={`/tokens/usage?id=${token.id}`}>{token.name}</Link>
        {(token.note !== '' || token.ticket !== '') && (
          <span className="note">{[token.note, token.ticket].filter(Boolean).join(' · ')}</span>
        )}
      </th>
      {showsOwner && (
        <td data-label={columns.owner}>
          <span>{token.owner}</span>
        </td>
      )}
      <td data-label={columns.reach}>
        <Reach token={token} privileges={privileges} />
      </td>
      <td data-label={columns.ips}>
        <Ips ips={token.ips} />
      </td>
      <td data-label={columns.created}>
        <Moment at={token.createdAt} />
      </td>
      <td data-label={columns.used}>
        <LastUse token={token} />
      </td>
      <td data-label={columns.expires}>
        {token.expiresAt === undefined ? <span>{words.tokens.never}</span> : <Moment at={token.expiresAt} />}
      </td>
      <td data-label={columns.status}>
        <span>
          <Status status={token.status} />
          <Knocks token={token} />
        </span>
      </td>
      <td className="row-actions">
        {isOwn && !isRevoked && (
          <Link to={`/tokens/edit?id=${token.id}`} className="row-button" aria-label={list.editOf(token.name)}>
            {list.edit}
          </Link>
        )}
        {isRevoked ? (
          <UndoButton token={token} onAct={onAct} />
        ) : (
          <RowMenu label={list.more(token.name)}>{() => <Items token={token} isOwn={isOwn} onAct={onAct} />}</RowMenu>
        )}
      </td>
    </tr>
  )
})

function Reach({ token, privileges }: { readonly token: Token; readonly privileges: readonly Privilege[] }) {
  if (token.privileges.includes('all')) return <strong>{words.tokens.everything}</strong>
  return (
    <span className="reach">
      {words.tokens.privilegeCount(token.privileges.length)}
      <span className="note">{words.tokens.functionCount(functionsOpened(token.privileges, privileges).length)}</span>
    </span>
  )
}

function Ips({ ips }: { readonly ips: readonly string[] }) {
  const [first, ...others] = ips
  if (first === undefined) return <span className="dim">{words.tokens.anyAddress}</span>
  return (
    <span title={ips.join('\n')}>
      <span className="address">{first}</span>{' '}
      {others.length > 0 && <span className="dim">{words.tokens.moreIps(others.length)}</span>}
    </span>
  )
}

/** When and from where, or that it never was. */
export function LastUse({ token }: { readonly token: Token }) {
  if (token.lastUsedAt === undefined) return <span className="dim">{words.tokens.never}</span>
  return (
    <span>
      <Moment at={token.lastUsedAt} />
      {token.lastUsedFrom !== '' && (
        <span className="note">
          <span className="from">{words.tokens.from(token.lastUsedFrom)}</span>
        </span>
      )}
    </span>
  )
}

/** Who still has a token that works no more. */
function Knocks({ token }: { readonly token: Token }) {
  if (!stillKnocks(token) || token.lastRefusedAt === undefined) return null
  return (
    <span className="note">
      {words.tokens.stillTried} <Moment at={token.lastRefusedAt} />
      {token.lastRefusedFrom !== '' && <> {words.tokens.from(token.lastRefusedFrom)}</>}
    </span>
  )
}

function UndoButton({ token, onAct }: Pick<RowProps, 'token' | 'onAct'>) {
  if (token.undoUntil === undefined || token.undoUntil <= Date.now() / 1000) return null
  return (
    <button
      type="button"
      className="row-button"
      aria-label={list.undoOf(token.name)}
      onClick={() => onAct('undo', token)}
    >
      {words.common.undo}
    </button>
  )
}

function Items({ token, isOwn, onAct }: Pick<RowProps, 'token' | 'isOwn' | 'onAct'>) {
  const isPaused = token.status === 'paused'
  return (
    <>
      <Menu.Item onClick={() => onAct(isPaused ? 'resume' : 'pause', token)}>
        {isPaused ? list.resume : list.pause}
      </Menu.Item>
      <Menu.Item component={Link} to={`/tokens/usage?id=${token.id}`}>
        {words.watch.usage.inner}
      </Menu.Item>
      {isOwn && <Menu.Item onClick={() => onAct('rotate', token)}>{list.rotate}</Menu.Item>}
      <Menu.Divider />
      <Menu.Item className="danger-item" onClick={() => onAct('revoke', token)}>
        {list.revoke}
      </Menu.Item>
    </>
  )
}
