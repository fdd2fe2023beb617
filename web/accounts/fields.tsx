import { NativeSelect, TextInput } from '@mantine/core'
import type { FieldProblem } from '../parts/error-summary.tsx'
import { words } from '../words.ts'
import { useOwners, usePackages } from './account.ts'

type FieldProps = {
  /** Also what problems call it, after `field-`. */
  readonly name: 'user' | 'domain' | 'email'
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly problems: readonly FieldProblem[]
  readonly maxLength?: number
}

/** One line of text, with its problem beside it. */
export function TextField({ name, label, hint, value, onChange, problems, maxLength = 254 }: FieldProps) {
  const id = `field-${name}`
  return (
    <TextInput
      id={id}
      label={label}
      description={hint}
      value={value}
      maxLength={maxLength}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      error={problems.find(({ fieldId }) => fieldId === id)?.text}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

type PackageProps = { readonly value: string; readonly onChange: (name: string) => void; readonly hint?: string }

/** The packages that may be used; what the account has now stays on offer. Empty means the one that needs no choice. */
export function PackageField({ value, onChange, hint }: PackageProps) {
  const { form } = words.accounts
  const names = new Set([...usePackages(), ...(value === '' ? [] : [value])])
  return (
    <NativeSelect
      id="field-plan"
      label={form.plan}
      description={hint}
      value={value}
      data={[...(value === '' || names.size === 0 ? [{ value: '', label: form.noPlan }] : []), ...names]}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

type OwnerProps = { readonly value: string; readonly onChange: (owner: string) => void }

/** Root alone chooses owners. */
export function OwnerField({ value, onChange }: OwnerProps) {
  const { form } = words.accounts
  const owners = useOwners()
  // An account that owns itself, or whose owner is no reseller any more, keeps what it has.
  const all = owners.includes(value) ? owners : [...owners, value]
  return (
    <NativeSelect
      id="field-owner"
      label={form.owner}
      description={form.ownerHint}
      value={value}
      data={all}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
