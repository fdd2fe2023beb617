import { Button, Group, NativeSelect, TextInput } from '@mantine/core'
import { startTransition, useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react'
import type { Reads } from '../pages.ts'
import { download } from '../parts/download.ts'
import { PageHead } from '../parts/page-head.tsx'
import { Pager, usePageNumber } from '../parts/pager.tsx'
import { sayFailed } from '../parts/say.ts'
import { useSearchText } from '../parts/use-search-text.ts'
import { queryClient, useWhoami } from '../queries.ts'
import { setQuery, useQueryText } from '../router.tsx'
import { undoRevoke } from '../tokens/act.ts'
import { ExpiryDialog, PauseDialog, ResumeDialog, RevokeDialog } from '../tokens/dialogs.tsx'
import { EmptyList } from '../tokens/empty-list.tsx'
import { tokensAsCsv, tokensAsJson } from '../tokens/export.ts'
import { ListActions } from '../tokens/list-actions.tsx'
import { privilegesQuery, usePrivileges } from '../tokens/privileges.ts'
import { functionsOpened } from '../tokens/reach.ts'
import { Reveal, type Revealed } from '../tokens/reveal.tsx'
import { RotateDialog } from '../tokens/rotate-dialog.tsx'
import { type RowAction, TokenTable } from '../tokens/table.tsx'
import { type Token, tokensQuery, useListedTokens } from '../tokens/token.ts'
import {
  SORT_KEYS,
  type Sorting,
  type SortKey,
  searchable,
  select,
  sortingOf,
  VIEWS,
  type View,
  viewOf,
} from '../tokens/views.ts'
import { words } from '../words.ts'

const ROWS = 50
/** More than a screen holds. */
const FIRST_ROWS = 15
const { list, views } = words.tokens

type Act = 'pause' | 'resume' | 'revoke' | 'rotate' | 'expiry'
type Asked = { readonly act: Act; readonly tokens: readonly Token[] }

export const reads: Reads = () => [
  queryClient.ensureQueryData(tokensQuery),
  queryClient.ensureQueryData(privilegesQuery),
]

/** Development » Manage API Tokens: the list, and what is done from it. */
export function TokensPage() {
  const tokens = useListedTokens()
  const { kind } = useWhoami()
  const [revealed, setRevealed] = useState<Revealed>()
  if (revealed !== undefined) return <Reveal revealed={revealed} onDone={() => setRevealed(undefined)} />
  return (
    <>
      <PageHead title={words.tokens.title} actions={<ListActions tokens={tokens} />}>
        {kind === 'root' ? words.tokens.aboutRoot : words.tokens.about}
      </PageHead>
      {tokens.every(({ status }) => status === 'revoked') && <EmptyList />}
      {tokens.length > 0 && <List tokens={tokens} onRevealed={setRevealed} />}
    </>
  )
}

function List({
  tokens,
  onRevealed,
}: {
  readonly tokens: readonly Token[]
  readonly onRevealed: (made: Revealed) => void
}) {
  const { user, kind } = useWhoami()
  const privileges = usePrivileges()
  const asked = new URLSearchParams(useQueryText())
  const view = viewOf(asked.get('view'))
  const sort = asked.get('sort')
  const sorting = useMemo(() => sortingOf(sort), [sort])
  const owner = asked.get('owner') ?? ''
  const [query, setQueryTyped] = useSearchText()
  const [page, setPage] = usePageNumber()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [wanted, setWanted] = useState<Asked>()

  const owned = useMemo(
    () => (owner === '' ? tokens : tokens.filter((token) => token.owner === owner)),
    [tokens, owner],
  )
  const all = useMemo(
    () =>
      searchable(owned, (token) =>
        functionsOpened(token.privileges, privileges)
          .map(({ name }) => name)
          .join(' '),
      ),
    [owned, privileges],
  )
  const typed = useDeferredValue(query)
  const found = useMemo(
    () =>
      select(all, {
        query: typed,
        view,
        sorting,
        now: Date.now() / 1000,
      }),
    [all, typed, view, sorting],
  )
  const pages = Math.max(1, Math.ceil(found.length / ROWS))
  const shownPage = Math.min(page, pages - 1)
  const rows = useRowsAtOnce(typed)
  const shown = useMemo(() => found.slice(shownPage * ROWS, shownPage * ROWS + rows), [found, shownPage, rows])
  const chosen = tokens.filter(({ id, status }) => selected.has(id) && status !== 'revoked')

  // The same functions at each key, so that the rows that stay are not made anew.
  const sortBy = useCallback(
    (key: SortKey): void => setQuery({ sort: sorting.key === key && !sorting.isDown ? `-${key}` : key }),
    [sorting],
  )
  const choose = useCallback(
    (ids: readonly string[], isSelected: boolean): void =>
      setSelected((before) => {
        const after = new Set(before)
        for (const id of ids) isSelected ? after.add(id) : after.delete(id)
        return after
      }),
    [],
  )
  const act = useCallback(
    (action: RowAction, token: Token): void =>
      action === 'undo' ? void bringBack(token) : setWanted({ act: action, tokens: [token] }),
    [],
  )

  return (
    <>
      <div className="toolbar">
        <TextInput
          type="search"
          className="grow"
          aria-label={list.search}
          placeholder={list.searchHint}
          value={query}
          onChange={(event) => {
            setQueryTyped(event.currentTarget.value)
            setPage(0)
          }}
        />
        <NativeSelect
          aria-label={list.view}
          value={view}
          data={Object.keys(VIEWS).map((name) => ({ value: name, label: views[name as View] }))}
          onChange={(event) => {
            const { value } = event.currentTarget
            setQuery({ view: value === 'all' ? undefined : value, page: undefined })
          }}
        />
        <SortSelect sorting={sorting} />
        {kind === 'root' && <OwnerSelect tokens={tokens} owner={owner} />}
      </div>
      {chosen.length > 0 ? (
        <Selection chosen={chosen} user={user} onAct={setWanted} onClear={() => setSelected(new Set())} />
      ) : (
        <p className="dim count" role="status">
          {words.tokens.countOf(found.length, owned.length)}
        </p>
      )}
      {shown.length === 0 ? (
        <NoneFound
          onShowAll={() => {
            setQueryTyped('')
            setQuery({ view: undefined, owner: undefined, q: undefined, page: undefined })
          }}
        />
      ) : (
        <TokenTable
          tokens={shown}
          privileges={privileges}
          user={user}
          showsOwner={kind === 'root'}
          sorting={sorting}
          onSort={sortBy}
          selected={selected}
          onSelect={choose}
          onAct={act}
        />
      )}
      <Pager label={list.page} page={shownPage} pages={pages} onPage={setPage} />
      <p className="dim foot">
        {list.accuracy} {list.ended}
      </p>
      <Asking
        wanted={wanted}
        onWanted={setWanted}
        onRevealed={onRevealed}
        onClosed={() => {
          setWanted(undefined)
          setSelected(new Set())
        }}
      />
    </>
  )
}

async function bringBack(token: Token): Promise<void> {
  try {
    await undoRevoke(token)
  } catch (error) {
    sayFailed(error)
  }
}

/** How many rows to show: after a key those that are in sight, and the others once these are painted. */
function useRowsAtOnce(typed: string): number {
  const [painted, setPainted] = useState(typed)
  useEffect(() => {
    const timer = setTimeout(() => startTransition(() => setPainted(typed)))
    return () => clearTimeout(timer)
  }, [typed])
  return painted === typed ? ROWS : FIRST_ROWS
}

function OwnerSelect({ tokens, owner }: { readonly tokens: readonly Token[]; readonly owner: string }) {
  const owners = useMemo(() => [...new Set(tokens.map((token) => token.owner))].sort(), [tokens])
  const all = { value: '', label: list.allOwners }
  return (
    <NativeSelect
      aria-label={words.tokens.columns.owner}
      value={owner}
      data={[all, ...owners.map((name) => ({ value: name, label: name }))]}
      onChange={(event) => setQuery({ owner: event.currentTarget.value, page: undefined })}
    />
  )
}

/** Where a narrow screen has no headings to sort by. */
function SortSelect({ sorting }: { readonly sorting: Sorting }) {
  const { columns } = words.tokens
  const choices = SORT_KEYS.flatMap((key) => [
    { value: key, label: columns[key] },
    { value: `-${key}`, label: list.downwards(columns[key]) },
  ])
  return (
    <NativeSelect
      className="sort-narrow"
      aria-label={list.sortBy}
      value={`${sorting.isDown ? '-' : ''}${sorting.key}`}
      data={choices}
      onChange={(event) => setQuery({ sort: event.currentTarget.value })}
    />
  )
}

function NoneFound({ onShowAll }: { readonly onShowAll: () => void }) {
  return (
    <div className="sheet none">
      <p>{list.noneFound}</p>
      <Button variant="default" size="xs" onClick={onShowAll}>
        {list.showAll}
      </Button>
    </div>
  )
}

type SelectionProps = {
  readonly chosen: readonly Token[]
  readonly user: string
  readonly onAct: (asked: Asked) => void
  readonly onClear: () => void
}

function Selection({ chosen, user, onAct, onClear }: SelectionProps) {
  const act = (name: Act) => (
    <Button size="compact-sm" variant="default" onClick={() => onAct({ act: name, tokens: chosen })}>
      {
        { pause: list.pause, resume: list.resume, revoke: list.revoke, rotate: list.rotate, expiry: list.setExpiry }[
          name
        ]
      }
    </Button>
  )
  return (
    <Group gap="xs" className="selection">
      <strong role="status">{list.selected(chosen.length)}</strong>
      {act('pause')}
      {chosen.some(({ status }) => status === 'paused') && act('resume')}
      {chosen.every((token) => token.owner === user) && act('expiry')}
      {act('revoke')}
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => download('tokens.csv', 'text/csv', tokensAsCsv(chosen))}
      >
        {list.exportCsv}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => download('tokens.json', 'application/json', tokensAsJson(chosen))}
      >
        {list.exportJson}
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={onClear}>
        {list.clear}
      </Button>
    </Group>
  )
}

type AskingProps = {
  readonly wanted: Asked | undefined
  readonly onWanted: (asked: Asked) => void
  readonly onRevealed: (made: Revealed) => void
  readonly onClosed: () => void
}

/** The dialog for what was asked. */
function Asking({ wanted, onWanted, onRevealed, onClosed }: AskingProps) {
  const privileges = usePrivileges()
  if (wanted === undefined) return null
  const { act, tokens } = wanted
  const [first] = tokens
  if (act === 'pause') return <PauseDialog tokens={tokens} onClose={onClosed} />
  if (act === 'resume') return <ResumeDialog tokens={tokens} onClose={onClosed} />
  if (act === 'expiry') return <ExpiryDialog tokens={tokens} onClose={onClosed} />
  if (act === 'rotate') {
    return first === undefined ? null : <RotateDialog token={first} onRevealed={onRevealed} onClose={onClosed} />
  }
  return (
    <RevokeDialog
      tokens={tokens}
      privileges={privileges}
      onClose={onClosed}
      onPauseInstead={() => onWanted({ act: 'pause', tokens })}
    />
  )
}
