import { Badge, Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useMay } from '../may.ts'
import type { Reads } from '../pages.ts'
import { PageHead } from '../parts/page-head.tsx'
import { queryClient } from '../queries.ts'
import { type ApiFunction, documentPath, functionsQuery, useFunctions } from '../reference/document.ts'
import { TryIt } from '../reference/try-it.tsx'
import { Link, useQueryText } from '../router.tsx'
import { Danger } from '../tokens/picker.tsx'
import { type Privilege, privilegesQuery, usePrivileges } from '../tokens/privileges.ts'
import { words } from '../words.ts'

const text = words.reference

export const reads: Reads = () => [
  queryClient.ensureQueryData(functionsQuery),
  queryClient.ensureQueryData(privilegesQuery),
]

/** Development » API Reference: all functions, or the one that the address names, with a form to try it. */
export function ReferencePage() {
  const functions = useFunctions()
  const name = new URLSearchParams(useQueryText()).get('function')
  const definition = functions.find((candidate) => candidate.name === name)
  if (definition !== undefined) return <One key={definition.name} definition={definition} />
  return (
    <>
      <PageHead
        title={text.title}
        actions={
          <Button component="a" variant="default" href={documentPath()}>
            {text.download}
          </Button>
        }
      >
        {text.about}
      </PageHead>
      <List functions={functions} />
    </>
  )
}

function List({ functions }: { readonly functions: readonly ApiFunction[] }) {
  const [query, setQuery] = useState('')
  const asked = query.toLowerCase().split(/\s+/).filter(Boolean)
  const found = functions.filter(({ name, group, summary, privileges }) => {
    const all = [name, group, summary, ...privileges].join(' ').toLowerCase()
    return asked.every((word) => all.includes(word))
  })
  return (
    <>
      <div className="toolbar">
        <TextInput
          type="search"
          className="grow"
          aria-label={text.search}
          placeholder={text.searchHint}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      </div>
      <p className="dim count" role="status">
        {found.length === 0 ? text.noneFound : text.found(found.length)}
      </p>
      {[...Map.groupBy(found, ({ group }) => group)].map(([group, members]) => (
        <section key={group} className="sheet part">
          <h2>{group}</h2>
          <ul className="function-list">
            {members.map(({ name, summary, changes }) => (
              <li key={name}>
                <Link to={`/reference?function=${name}`}>{name}</Link>
                <span>{summary}</span>
                <Effect changes={changes} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  )
}

function Effect({ changes }: { readonly changes: boolean }) {
  return (
    <Badge size="sm" variant="default" radius="sm" tt="none">
      {changes ? text.changes : text.reads}
    </Badge>
  )
}

function One({ definition }: { readonly definition: ApiFunction }) {
  return (
    <>
      <PageHead title={definition.name}>
        <Link to="/reference">{text.all}</Link>
      </PageHead>
      <section className="sheet part">
        <p className="flat">
          {definition.summary} <Effect changes={definition.changes} />
        </p>
        <Needs definition={definition} />
        {definition.failures.length > 0 && (
          <p className="dim flat">
            {text.failures}: <code>{definition.failures.join(' ')}</code>
          </p>
        )}
      </section>
      <TryIt definition={definition} />
    </>
  )
}

/** The privileges that open it, each explained, and whether the reader holds one. */
function Needs({ definition: { privileges, isOpenToSessions } }: { readonly definition: ApiFunction }) {
  const may = useMay()
  const explained = usePrivileges().filter(({ acl }) => privileges.includes(acl))
  if (privileges.length === 0) return <p>{text.anybody}</p>
  return (
    <>
      <h2 className="needs">{text.needs}</h2>
      <ul className="needs">
        {explained.map((privilege) => (
          <li key={privilege.acl}>
            <Explained privilege={privilege} />
          </li>
        ))}
      </ul>
      {!isOpenToSessions && !privileges.some(may) && <p className="warning">{text.mayNot}</p>}
    </>
  )
}

function Explained({ privilege }: { readonly privilege: Privilege }) {
  return (
    <>
      <strong>{privilege.label}</strong> <code>{privilege.acl}</code>: {privilege.description}
      <Danger privilege={privilege} />
    </>
  )
}
