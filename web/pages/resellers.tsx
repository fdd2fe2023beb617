import { Button, Group, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { callFunction } from '../api.ts'
import type { Reads } from '../pages.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { sayDone, sayFailed } from '../parts/say.ts'
import { queryClient } from '../queries.ts'
import { MakeDialog, SaveListDialog, UnmakeDialog } from '../resellers/dialogs.tsx'
import { Nameservers } from '../resellers/nameservers.tsx'
import { PreviewPanel } from '../resellers/preview.tsx'
import {
  flagsOf,
  listsQuery,
  type Reseller,
  refreshResellers,
  resellersQuery,
  usePreview,
  useResellers,
  useSavedLists,
} from '../resellers/reseller.ts'
import { Link, useQueryText } from '../router.tsx'
import { Picker } from '../tokens/picker.tsx'
import { privilegesQuery, usePrivileges } from '../tokens/privileges.ts'
import { words } from '../words.ts'

const text = words.resellers

export const reads: Reads = () => [
  queryClient.ensureQueryData(resellersQuery),
  queryClient.ensureQueryData(privilegesQuery),
  queryClient.ensureQueryData(listsQuery),
]

/** Resellers » Edit Reseller Privileges: all of them, or the one that the address names. */
export function ResellersPage() {
  const user = new URLSearchParams(useQueryText()).get('user')
  const resellers = useResellers()
  if (user === null) return <List resellers={resellers} />
  const reseller = resellers.find((candidate) => candidate.user === user)
  if (reseller !== undefined) return <Edit key={`${user} ${reseller.privileges}`} reseller={reseller} />
  return (
    <>
      <PageHead title={text.title}>{text.missing(user)}</PageHead>
      <Link to="/resellers">{text.back}</Link>
    </>
  )
}

function List({ resellers }: { readonly resellers: readonly Reseller[] }) {
  const [isMaking, setMaking] = useState(false)
  const { columns } = text
  return (
    <>
      <PageHead
        title={text.title}
        actions={
          <>
            <Button onClick={() => setMaking(true)}>{text.make}</Button>
            <AsCommand calls={[{ name: 'postern_reseller_list' }]} />
          </>
        }
      >
        {text.about}
      </PageHead>
      {resellers.length === 0 ? (
        <div className="sheet none">
          <h2>{text.none}</h2>
          <p>{text.noneAbout}</p>
        </div>
      ) : (
        <table className="tokens">
          <caption className="visually-hidden">{text.title}</caption>
          <thead>
            <tr>
              <th>{columns.user}</th>
              <th>{columns.privileges}</th>
              <th>{columns.accounts}</th>
              <th>{columns.tokens}</th>
              <th>{words.accounts.columns.actions}</th>
            </tr>
          </thead>
          <tbody>
            {resellers.map((reseller) => (
              <tr key={reseller.user} data-status={reseller.suspended === 1 ? 'paused' : 'active'}>
                <th scope="row">
                  <Link to={pathOf(reseller)}>{reseller.user}</Link>
                  {reseller.suspended === 1 && <span className="note">{text.suspended}</span>}
                </th>
                <td data-label={columns.privileges}>{reseller.privileges.length}</td>
                <td data-label={columns.accounts}>{reseller.accounts}</td>
                <td data-label={columns.tokens}>{reseller.tokens}</td>
                <td className="row-actions">
                  <Link to={pathOf(reseller)} className="row-button" aria-label={text.editOf(reseller.user)}>
                    {text.edit}
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isMaking && <MakeDialog onClose={() => setMaking(false)} />}
    </>
  )
}

function pathOf({ user }: Reseller): string {
  return `/resellers?user=${encodeURIComponent(user)}`
}

type Asked = 'save-list' | 'unmake' | 'empty'

function Edit({ reseller }: { readonly reseller: Reseller }) {
  const { user } = reseller
  // `all` is root's alone, and no reseller can be given it.
  const privileges = usePrivileges().filter(({ acl }) => acl !== 'all')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(reseller.privileges))
  const [asked, setAsked] = useState<Asked>()
  const [isBusy, setBusy] = useState(false)
  const preview = usePreview(user, chosen)
  const isChanged = preview !== undefined && preview.added.length + preview.removed.length > 0
  const args = { reseller: user, ...flagsOf(chosen), ...(chosen.size === 0 && { postern_remove_all: 1 }) }
  const store = async (): Promise<void> => {
    await callFunction('setacls', args)
    await refreshResellers()
    sayDone(text.saved(user))
  }
  const save = async (): Promise<void> => {
    if (chosen.size === 0) return setAsked('empty')
    setBusy(true)
    await store().catch(sayFailed)
    setBusy(false)
  }
  const close = (): void => setAsked(undefined)
  return (
    <>
      <PageHead
        title={text.editTitle(user)}
        actions={
          <>
            <Button variant="default" onClick={() => setAsked('save-list')}>
              {text.saveList}
            </Button>
            <AsCommand calls={[{ name: 'setacls', args }]} />
          </>
        }
      >
        <Link to="/resellers">{text.back}</Link>
      </PageHead>
      <section className="sheet part">
        <h2>{text.columns.privileges}</h2>
        <StartFrom reseller={reseller} onChoose={setChosen} />
        <Picker
          privileges={privileges}
          chosen={chosen}
          isEverything={false}
          onChange={setChosen}
          onEverything={() => {}}
          problem={undefined}
        />
      </section>
      {preview !== undefined && <PreviewPanel preview={preview} privileges={privileges} />}
      <Group my="md" gap="xs">
        <Button disabled={!isChanged} loading={isBusy} onClick={() => void save()}>
          {text.save}
        </Button>
        <Button component={Link} to="/resellers" variant="default">
          {words.common.cancel}
        </Button>
        <Button variant="subtle" className="danger-item" onClick={() => setAsked('unmake')}>
          {text.unmake}
        </Button>
      </Group>
      <Nameservers reseller={reseller} onSaved={sayDone} />
      {asked === 'save-list' && <SaveListDialog chosen={chosen} onClose={close} />}
      {asked === 'unmake' && <UnmakeDialog user={user} onClose={close} />}
      {asked === 'empty' && (
        <Confirm title={text.emptyTitle} confirm={text.emptyConfirm} isDangerous onConfirm={store} onClose={close}>
          <p>{text.emptyAbout(user)}</p>
        </Confirm>
      )}
    </>
  )
}

type StartProps = { readonly reseller: Reseller; readonly onChoose: (chosen: ReadonlySet<string>) => void }

const NOW = 'now'

function StartFrom({ reseller, onChoose }: StartProps) {
  const lists = useSavedLists()
  const [value, setValue] = useState(NOW)
  const choose = (next: string): void => {
    setValue(next)
    const list = lists.find(({ name }) => `list ${name}` === next)
    onChoose(new Set(list?.privileges ?? reseller.privileges))
  }
  return (
    <NativeSelect
      label={text.start}
      maw={340}
      mb="md"
      value={value}
      data={[
        { value: NOW, label: text.asNow },
        ...lists.map(({ name }) => ({ value: `list ${name}`, label: text.list(name) })),
      ]}
      onChange={(event) => choose(event.currentTarget.value)}
    />
  )
}
