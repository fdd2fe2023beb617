import { Button, Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import { callFunction } from '../api.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { sayDone, sayFailed } from '../parts/say.ts'
import { words } from '../words.ts'
import { argumentProblem, type Config, refreshProtection } from './state.ts'

const text = words.protection.settings
type Key = keyof typeof text.keys

const FLAGS: ReadonlySet<Key> = new Set([
  'ip_based_protection',
  'username_based_protection',
  'username_based_protection_for_root',
  'username_based_protection_local_origin',
  'notify_on_brute',
  'notify_on_root_login',
  'notify_on_root_login_for_known_netblock',
])

const GROUPS: readonly { readonly title: string; readonly keys: readonly Key[] }[] = [
  {
    title: text.byAddress,
    keys: [
      'ip_based_protection',
      'max_failures_byip',
      'brute_force_period_mins',
      'ip_brute_force_period_mins',
      'mark_as_brute',
      'lookback_period_min',
    ],
  },
  {
    title: text.byUser,
    keys: [
      'username_based_protection',
      'username_based_protection_for_root',
      'username_based_protection_local_origin',
      'max_failures',
    ],
  },
  {
    title: text.alerts,
    keys: ['notify_on_brute', 'notify_on_root_login', 'notify_on_root_login_for_known_netblock'],
  },
]

/** What is counted and from when on it bans. Only what was changed is sent, so that nobody else's change is taken back. */
export function SettingsForm({ config }: { readonly config: Config }) {
  const [draft, setDraft] = useState<Readonly<Record<string, string>>>({})
  const [problem, setProblem] = useState<{ readonly argument: string; readonly problem: string }>()
  const [isBusy, setBusy] = useState(false)
  const changes = Object.fromEntries(Object.entries(draft).filter(([key, value]) => value !== String(config[key])))
  const number = Object.keys(changes).length
  const save = async (): Promise<void> => {
    if (number === 0) return sayDone(text.unchanged)
    setBusy(true)
    try {
      await callFunction('save_cphulk_config', changes)
      await refreshProtection()
      setDraft({})
      setProblem(undefined)
      sayDone(text.saved(number))
    } catch (error) {
      refuse(error)
    } finally {
      setBusy(false)
    }
  }
  const refuse = (error: unknown): void => {
    try {
      const found = argumentProblem(error)
      setProblem(found)
      document.getElementById(`field-${found.argument}`)?.focus()
    } catch (other) {
      sayFailed(other)
    }
  }
  return (
    <form
      className="sheet part watch-form"
      noValidate
      aria-label={text.title}
      onSubmit={(event) => {
        event.preventDefault()
        if (event.target === event.currentTarget) void save()
      }}
    >
      <h2>{text.title}</h2>
      <div className="setting-groups">
        {GROUPS.map(({ title, keys }) => (
          <fieldset key={title} className="plain setting-group">
            <legend>{title}</legend>
            {keys.map((key) => (
              <Setting
                key={key}
                name={key}
                value={draft[key] ?? String(config[key])}
                problem={problem?.argument === key ? problem.problem : undefined}
                onChange={(value) => setDraft((before) => ({ ...before, [key]: value }))}
              />
            ))}
          </fieldset>
        ))}
      </div>
      <div className="page-actions">
        <Button type="submit" loading={isBusy}>
          {text.save}
        </Button>
        <AsCommand calls={[{ name: 'save_cphulk_config', args: changes }]} />
      </div>
    </form>
  )
}

type SettingProps = {
  readonly name: Key
  readonly value: string
  readonly problem: string | undefined
  readonly onChange: (value: string) => void
}

function Setting({ name, value, problem, onChange }: SettingProps) {
  const common = { id: `field-${name}`, label: text.keys[name], description: text.hints[name], error: problem }
  if (FLAGS.has(name))
    return (
      <Checkbox
        {...common}
        checked={value === '1'}
        onChange={(event) => onChange(event.currentTarget.checked ? '1' : '0')}
      />
    )
  return (
    <TextInput
      {...common}
      inputMode="numeric"
      autoComplete="off"
      maxLength={6}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.trim())}
    />
  )
}
