import { Button, Checkbox, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { callFunction } from '../api.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { Trouble } from '../parts/broken.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Link } from '../router.tsx'
import { actOn, type Done } from '../tokens/act.ts'
import { UndoBar } from '../watch/undo-bar.tsx'
import { words } from '../words.ts'

const text = words.watch.housekeeping

type Found = {
  readonly postern_id: string
  readonly name: string
  readonly owner: string
  readonly postern_status: string
  readonly postern_last_used: number | null
  readonly privileges: readonly string[]
}
type Finding = {
  readonly finding: string
  readonly title: string
  readonly advice: string
  readonly tokens: readonly Found[]
}
type Report = { readonly tokens: number; readonly findings: readonly Finding[] }

/** What `postern report` prints, with what can be done about it in one step and taken back in one. */
export function HousekeepingPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['postern_report'],
    queryFn: async () => (await callFunction<Report>('postern_report')).data,
    staleTime: 0,
  })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [wanted, setWanted] = useState<Done['act']>()
  const [done, setDone] = useState<Done>()
  const ids = [...chosen]
  const choose = (some: readonly string[], isChosen: boolean): void =>
    setChosen((before) => {
      const after = new Set(before)
      for (const id of some) isChosen ? after.add(id) : after.delete(id)
      return after
    })
  const carryOut = async (act: Done['act']): Promise<void> => {
    await actOn({ act, ids })
    setDone({ act, ids })
    setChosen(new Set())
    await refetch()
  }
  const isPause = done?.act === 'pause'
  return (
    <>
      <PageHead title={text.title} actions={<AsCommand calls={[{ name: 'postern_report' }]} />}>
        {text.about}
      </PageHead>
      {done !== undefined && (
        <UndoBar
          key={done.ids.join()}
          done={done}
          said={isPause ? text.paused(done.ids.length) : text.revoked(done.ids.length)}
          undone={text.undone(done.ids.length)}
          onUndone={() => {
            setDone(undefined)
            return refetch()
          }}
        />
      )}
      {chosen.size > 0 && (
        <Group gap="xs" className="selection">
          <strong role="status">{text.chosen(chosen.size)}</strong>
          <Button size="compact-sm" variant="default" onClick={() => setWanted('pause')}>
            {text.pause}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => setWanted('revoke')}>
            {text.revoke}
          </Button>
        </Group>
      )}
      {error !== null && <Trouble error={error} again={() => void refetch()} />}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && <Findings report={data} chosen={chosen} onChoose={choose} />}
      {wanted !== undefined && (
        <Confirm
          title={wanted === 'pause' ? text.pauseTitle(ids.length) : text.revokeTitle(ids.length)}
          confirm={wanted === 'pause' ? text.pause : text.revoke}
          isDangerous={wanted === 'revoke'}
          onConfirm={() => carryOut(wanted)}
          onClose={() => setWanted(undefined)}
        >
          <p>{wanted === 'pause' ? text.pauseAbout : text.revokeAbout}</p>
          <ul className="affected">
            {chosenIn(data, chosen).map((token) => (
              <li key={token.postern_id}>
                <strong>{token.name}</strong> <span className="dim">{token.owner}</span>
                <div className="note">
                  <LastUse token={token} />
                </div>
              </li>
            ))}
          </ul>
        </Confirm>
      )}
    </>
  )
}

type FindingsProps = {
  readonly report: Report
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (ids: readonly string[], isChosen: boolean) => void
}

function Findings({ report, chosen, onChoose }: FindingsProps) {
  const found = report.findings.filter(({ tokens }) => tokens.length > 0)
  if (found.length === 0) return <p className="sheet none">{text.nothing(report.tokens)}</p>
  return found.map((finding) => (
    <FindingSheet key={finding.finding} finding={finding} chosen={chosen} onChoose={onChoose} />
  ))
}

/** Each once, though several findings may name it. */
function chosenIn(report: Report | undefined, chosen: ReadonlySet<string>): readonly Found[] {
  const found = (report?.findings ?? []).flatMap(({ tokens }) => tokens)
  return [...new Map(found.map((token) => [token.postern_id, token])).values()].filter((token) =>
    chosen.has(token.postern_id),
  )
}

function LastUse({ token: { postern_last_used: at } }: { readonly token: Found }) {
  if (at === null) return text.never
  return (
    <>
      {text.lastUsed}: <Moment at={at} />
    </>
  )
}

type SheetProps = Omit<FindingsProps, 'report'> & { readonly finding: Finding }

function FindingSheet({ finding: { title, advice, tokens }, chosen, onChoose }: SheetProps) {
  const ids = tokens.map(({ postern_id }) => postern_id)
  const number = ids.filter((id) => chosen.has(id)).length
  return (
    <fieldset className="sheet part finding">
      <legend>
        {title} <span className="dim">{text.countOf(tokens.length)}</span>
      </legend>
      <p className="dim">{advice}</p>
      <Checkbox
        size="xs"
        label={text.chooseAll(title)}
        checked={number === ids.length}
        indeterminate={number > 0 && number < ids.length}
        onChange={(event) => onChoose(ids, event.currentTarget.checked)}
      />
      <ul className="affected">
        {tokens.map((token) => (
          <li key={token.postern_id} className="found">
            <Checkbox
              size="xs"
              aria-label={text.choose(token.name)}
              checked={chosen.has(token.postern_id)}
              onChange={(event) => onChoose([token.postern_id], event.currentTarget.checked)}
            />
            <div>
              <Link to={`/tokens/usage?id=${token.postern_id}`}>{token.name}</Link>{' '}
              <span className="dim">{token.owner}</span>
              <div className="note">
                <LastUse token={token} />
                {token.privileges.length > 0 && (
                  <>
                    {' · '}
                    <code>{token.privileges.join(', ')}</code>
                  </>
                )}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </fieldset>
  )
}
