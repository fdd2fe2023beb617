import { Button, Menu, Switch } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Arguments } from '../api.ts'
import { argumentsOf, EXPORT_MAX, readTrail, readWholeTrail, trailAsCsv } from '../audit/entry.ts'
import { Filters } from '../audit/filters.tsx'
import { TrailTable } from '../audit/table.tsx'
import { useTail } from '../audit/use-tail.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { Trouble } from '../parts/broken.tsx'
import { download } from '../parts/download.ts'
import { Loading } from '../parts/loading.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { sayDone, sayFailed } from '../parts/say.ts'
import { useWhoami } from '../queries.ts'
import { setQuery, useQueryText } from '../router.tsx'
import { words } from '../words.ts'

const text = words.audit
const ROWS = 100

/** Security » Audit Trail: filters in the address, the exact reason of each refusal, export, and new entries as they come. */
export function AuditPage() {
  const { kind } = useWhoami()
  const queryText = useQueryText()
  const query = new URLSearchParams(queryText)
  const args = argumentsOf(query)
  const tail = useTail()
  const isOlder = query.has('before')
  const { data, error, refetch } = useQuery({
    queryKey: ['postern_audit_list', args],
    queryFn: () => readTrail({ ...args, limit: ROWS }),
    refetchInterval: isOlder ? false : tail.everyMs,
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
  return (
    <>
      <PageHead
        title={text.title}
        actions={
          <>
            <AsCommand calls={[{ name: 'postern_audit_list', args }]} />
            <ExportMenu args={args} />
          </>
        }
      >
        {kind === 'root' ? text.about : text.aboutOwn}
      </PageHead>
      <Filters key={queryText} query={query} />
      <div className="trail-state">
        <Switch label={text.tail} checked={tail.state === 'on'} disabled={isOlder} onChange={tail.toggle} />
        <span className="dim" role="status">
          {tail.state === 'on' && text.tailOn}
          {tail.state === 'paused' && text.tailPaused}
        </span>
        <span className="dim count">{data !== undefined && text.shown(data.entries.length)}</span>
      </div>
      {error !== null && <Trouble error={error} again={() => void refetch()} />}
      {error === null && data === undefined && <Loading />}
      {error === null && data?.entries.length === 0 && (
        <div className="sheet none">
          <p>{text.noneFound}</p>
        </div>
      )}
      {error === null && data !== undefined && data.entries.length > 0 && <TrailTable entries={data.entries} />}
      <nav aria-label={text.pages} className="pager">
        <Button size="xs" variant="default" disabled={!isOlder} onClick={() => setQuery({ before: undefined })}>
          {text.newest}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={data?.next_before == null}
          onClick={() => setQuery({ before: String(data?.next_before) })}
        >
          {text.older}
        </Button>
      </nav>
    </>
  )
}

function ExportMenu({ args }: { readonly args: Arguments }) {
  const save = async (kind: 'csv' | 'json'): Promise<void> => {
    try {
      const { before: _, ...filters } = args
      const { entries, isCut } = await readWholeTrail(filters)
      if (kind === 'csv') download('audit.csv', 'text/csv', trailAsCsv(entries))
      else download('audit.json', 'application/json', `${JSON.stringify(entries, null, 2)}\n`)
      sayDone(isCut ? text.exportCut(EXPORT_MAX) : text.exported(entries.length))
    } catch (error) {
      sayFailed(error)
    }
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default">{text.export}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void save('csv')}>{text.exportCsv}</Menu.Item>
        <Menu.Item onClick={() => void save('json')}>{text.exportJson}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
