import { Button, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { setQuery } from '../router.tsx'
import { words } from '../words.ts'
import { FILTERS, type Filter } from './entry.ts'

const text = words.audit

const LABELS: Readonly<Record<Exclude<Filter, 'outcome' | 'since' | 'until'>, string>> = {
  caller: text.who,
  function: text.function,
  token: text.token,
  address: text.address,
  target: text.target,
}

/** The filters of the address, as a form; applied together, so that half a name is not searched for. */
export function Filters({ query }: { readonly query: URLSearchParams }) {
  const [typed, setTyped] = useState(() => valuesOf(query))
  const set = (name: Filter, value: string): void => setTyped((before) => ({ ...before, [name]: value }))
  const apply = (event: FormEvent): void => {
    event.preventDefault()
    setQuery({
      ...Object.fromEntries(FILTERS.map((name) => [name, typed[name].trim()])),
      since: secondsOf(typed.since),
      until: secondsOf(typed.until),
      before: undefined,
    })
  }
  const isFiltered = FILTERS.some((name) => (query.get(name) ?? '') !== '')
  return (
    <form className="filters sheet" aria-label={text.filters} onSubmit={apply}>
      {Object.entries(LABELS).map(([name, label]) => (
        <TextInput
          key={name}
          size="xs"
          label={label}
          value={typed[name as Filter]}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => set(name as Filter, event.currentTarget.value)}
        />
      ))}
      <NativeSelect
        size="xs"
        label={text.outcome}
        value={typed.outcome}
        data={[
          { value: '', label: text.anyOutcome },
          ...Object.entries(text.outcomes).map(([value, label]) => ({ value, label })),
        ]}
        onChange={(event) => set('outcome', event.currentTarget.value)}
      />
      {(['since', 'until'] as const).map((name) => (
        <TextInput
          key={name}
          size="xs"
          type="datetime-local"
          label={text[name]}
          value={typed[name]}
          onChange={(event) => set(name, event.currentTarget.value)}
        />
      ))}
      <div className="filter-buttons">
        <Button type="submit" size="xs">
          {text.apply}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!isFiltered}
          onClick={() =>
            setQuery({ ...Object.fromEntries(FILTERS.map((name) => [name, undefined])), before: undefined })
          }
        >
          {text.clear}
        </Button>
      </div>
    </form>
  )
}

function valuesOf(query: URLSearchParams): Readonly<Record<Filter, string>> {
  const value = (name: Filter): string => query.get(name) ?? ''
  const all = Object.fromEntries(FILTERS.map((name) => [name, value(name)])) as Record<Filter, string>
  return { ...all, since: localTime(all.since), until: localTime(all.until) }
}

/** As the field for a local time holds it; empty for what is no number of seconds. */
function localTime(seconds: string): string {
  if (!/^\d{1,11}$/.test(seconds)) return ''
  const at = new Date(Number(seconds) * 1000)
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}

function secondsOf(localTimeText: string): string | undefined {
  const ms = localTimeText === '' ? Number.NaN : new Date(localTimeText).getTime()
  return Number.isNaN(ms) ? undefined : String(Math.floor(ms / 1000))
}
