import { Button, Checkbox, Group, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import { Confirm } from '../parts/dialog.tsx'
import { words } from '../words.ts'
import { answersTo, type Privilege } from './privileges.ts'

type Props = {
  readonly privileges: readonly Privilege[]
  readonly chosen: ReadonlySet<string>
  readonly isEverything: boolean
  readonly onChange: (chosen: ReadonlySet<string>) => void
  readonly onEverything: (isEverything: boolean) => void
  readonly problem: string | undefined
}

const { form } = words.tokens

/** Search and groups on the left, what is chosen on the right. Nothing is ticked at the start. */
export function Picker(props: Props) {
  const { privileges, chosen, isEverything, onChange, onEverything, problem } = props
  const [query, setQuery] = useState('')
  const [isAsking, setAsking] = useState(false)
  const [said, setSaid] = useState('')
  const mine = useMemo(() => privileges.filter(({ may_give, acl }) => may_give === 1 && acl !== 'all'), [privileges])
  const mayEverything = privileges.some(({ acl, may_give }) => acl === 'all' && may_give === 1)
  const found = mine.filter((privilege) => answersTo(privilege, query, words.privileges[privilege.acl] ?? ''))
  const others = privileges.filter(({ may_give }) => may_give === 0).length
  if (isEverything) return <EverythingGiven onBack={() => onEverything(false)} />
  const toggle = (acls: readonly string[], isChosen: boolean): void => {
    const after = new Set(chosen)
    for (const acl of acls) isChosen ? after.add(acl) : after.delete(acl)
    onChange(after)
  }
  return (
    <div className="picker">
      <div>
        <TextInput
          id="field-privileges"
          type="search"
          label={form.search}
          description={form.searchHint}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          error={problem}
        />
        <Group gap="xs" my="xs">
          <Button
            size="compact-sm"
            variant="default"
            onClick={() =>
              toggle(
                mine.map(({ acl }) => acl),
                true,
              )
            }
          >
            {form.chooseAll}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => onChange(new Set())}>
            {form.chooseNone}
          </Button>
          {mayEverything && (
            <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>
              {form.everything}
            </Button>
          )}
        </Group>
        <p className="visually-hidden" role="status">
          {said}
        </p>
        {found.length === 0 && <p className="dim">{form.noneFound}</p>}
        {groupsOf(found).map(([group, members]) => (
          <PrivilegeGroup
            key={group}
            group={group}
            members={members}
            chosen={chosen}
            isSearching={query.trim() !== ''}
            onToggle={toggle}
            onToggleAll={(isChosen) => {
              toggle(
                members.map(({ acl }) => acl),
                isChosen,
              )
              setSaid(form.choseAll(isChosen ? members.length : 0, group))
            }}
          />
        ))}
        {others > 0 && <p className="dim">{form.others(others, 'root')}</p>}
      </div>
      <Chosen privileges={privileges} chosen={chosen} onRemove={(acl) => toggle([acl], false)} />
      {isAsking && (
        <Confirm
          title={form.everythingTitle}
          confirm={form.everythingConfirm}
          isDangerous
          typed={{ word: form.everythingWord, label: form.everythingTyped }}
          onConfirm={async () => onEverything(true)}
          onClose={() => setAsking(false)}
        >
          <p>{form.everythingAbout}</p>
        </Confirm>
      )}
    </div>
  )
}

function groupsOf(privileges: readonly Privilege[]): readonly (readonly [string, readonly Privilege[]])[] {
  return [...Map.groupBy(privileges, ({ group }) => group.replace('/', ' » '))]
}

type GroupProps = {
  readonly group: string
  readonly members: readonly Privilege[]
  readonly chosen: ReadonlySet<string>
  /** What was searched for is shown at once. */
  readonly isSearching: boolean
  readonly onToggle: (acls: readonly string[], isChosen: boolean) => void
  readonly onToggleAll: (isChosen: boolean) => void
}

function PrivilegeGroup({ group, members, chosen, isSearching, onToggle, onToggleAll }: GroupProps) {
  const number = members.filter(({ acl }) => chosen.has(acl)).length
  const [isOpened, setOpened] = useState(false)
  const isOpen = isSearching || isOpened
  return (
    <fieldset className="group">
      <legend>
        <button type="button" aria-expanded={isOpen} onClick={() => setOpened(!isOpened)}>
          <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> {group}{' '}
          <span className="dim">{form.group(number, members.length)}</span>
        </button>
      </legend>
      {isOpen && members.length > 1 && (
        <Checkbox
          size="xs"
          className="group-all"
          label={form.allOfGroup(group)}
          checked={number === members.length}
          indeterminate={number > 0 && number < members.length}
          onChange={(event) => onToggleAll(event.currentTarget.checked)}
        />
      )}
      {isOpen &&
        members.map((privilege) => (
          <Choice
            key={privilege.acl}
            privilege={privilege}
            isChosen={chosen.has(privilege.acl)}
            onToggle={(isChosen) => onToggle([privilege.acl], isChosen)}
          />
        ))}
    </fieldset>
  )
}

type ChoiceProps = {
  readonly privilege: Privilege
  readonly isChosen: boolean
  readonly onToggle: (isChosen: boolean) => void
}

function Choice({ privilege, isChosen, onToggle }: ChoiceProps) {
  const { acl, label, description, functions } = privilege
  const changes = functions.some((opened) => opened.changes === 1)
  return (
    <div className="choice">
      <Checkbox
        size="sm"
        checked={isChosen}
        onChange={(event) => onToggle(event.currentTarget.checked)}
        aria-describedby={`about-${acl}`}
        label={
          <>
            {label} <code>{acl}</code>
          </>
        }
      />
      <div id={`about-${acl}`} className="choice-about">
        <p>
          {description}{' '}
          <span className="kind">
            {functions.length === 0 ? form.opensNothing : changes ? form.changes : form.readsOnly}
          </span>
        </p>
        {functions.length > 0 && (
          <p className="dim">
            {form.opens} <code>{functions.map(({ name }) => name).join(' ')}</code>
          </p>
        )}
        <Danger privilege={privilege} />
      </div>
    </div>
  )
}

/** The mark of a privilege that reaches further, with the reason. */
export function Danger({ privilege, isNamed = false }: { readonly privilege: Privilege; readonly isNamed?: boolean }) {
  if (privilege.danger === 'none') return null
  return (
    <p className="danger" data-danger={privilege.danger}>
      <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
        <path fill="currentColor" fillRule="evenodd" d="M8 1.2 15.4 14H.6zm-.8 4.6v4h1.6v-4zm0 5v1.6h1.6v-1.6z" />
      </svg>
      <strong>{isNamed ? privilege.label : privilege.danger === 'escalates' ? form.escapes : form.elevated}:</strong>{' '}
      {privilege.warning}
    </p>
  )
}

type ChosenProps = Pick<Props, 'privileges' | 'chosen'> & { readonly onRemove: (acl: string) => void }

function Chosen({ privileges, chosen, onRemove }: ChosenProps) {
  const shown = privileges.filter(({ acl }) => chosen.has(acl))
  return (
    <aside className="chosen" aria-label={form.chosen(shown.length)}>
      <h3>{form.chosen(shown.length)}</h3>
      {shown.length === 0 && <p className="dim">{form.nothingChosen}</p>}
      <ul>
        {shown.map((privilege) => (
          <li key={privilege.acl} data-danger={privilege.danger}>
            <span>{privilege.label}</span>
            <button type="button" aria-label={form.remove(privilege.label)} onClick={() => onRemove(privilege.acl)}>
              ×
            </button>
          </li>
        ))}
      </ul>
      {shown.map((privilege) =>
        privilege.danger === 'escalates' ? <Danger key={privilege.acl} privilege={privilege} isNamed /> : null,
      )}
    </aside>
  )
}

function EverythingGiven({ onBack }: { readonly onBack: () => void }) {
  return (
    <div className="everything">
      <p className="danger" data-danger="escalates">
        <strong>{form.everythingGiven}</strong>
      </p>
      <Button id="field-privileges" size="xs" variant="default" onClick={onBack}>
        {form.everythingBack}
      </Button>
    </div>
  )
}
