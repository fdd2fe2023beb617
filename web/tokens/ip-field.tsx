import { Button, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { callFunction } from '../api.ts'
import { queryClient, useWhoami } from '../queries.ts'
import { words } from '../words.ts'

type Line = {
  readonly line: number
  readonly given: string
  readonly rule: string | null
  readonly problem: string | null
  readonly is_widened: 0 | 1
}
type Checked = {
  readonly lines: readonly Line[]
  readonly covers: 'v4' | 'v6' | 'both' | 'some' | 'none'
  readonly allows: readonly { readonly address: string; readonly allowed: 0 | 1 }[]
}

const { form } = words.tokens
const ENTRIES_MAX = 100
const AFTER_MS = 250

function checkQuery(rules: string, address: readonly string[]) {
  return {
    queryKey: ['postern_ip_rules_check', rules, address],
    queryFn: async () => (await callFunction<Checked>('postern_ip_rules_check', { rules, address })).data,
    staleTime: Number.POSITIVE_INFINITY,
  }
}

/** What is wrong with the lines, each by its number; none for an empty list. */
export async function ipProblems(rules: string): Promise<readonly string[]> {
  return rules.trim() === '' ? [] : problemsOf(await queryClient.fetchQuery(checkQuery(rules, [])))
}

/** The rules in the form in which they are kept; those that cannot be read are left out. */
export async function keptRules(rules: string): Promise<readonly string[]> {
  if (rules.trim() === '') return []
  const { lines } = await queryClient.fetchQuery(checkQuery(rules, []))
  return [...new Set(lines.flatMap(({ rule }) => (rule === null ? [] : [rule])))]
}

function problemsOf({ lines, covers }: Checked): readonly string[] {
  const wrong = lines.flatMap(({ line, given, problem }) =>
    problem === null ? [] : [form.ipLine(line, given, problem)],
  )
  if (covers === 'none') wrong.push(form.ipsNone)
  return lines.length > ENTRIES_MAX ? [...wrong, form.ipsMany] : wrong
}

type Props = {
  readonly value: string
  readonly onChange: (value: string) => void
  /** From where the token was last used; empty where it never was. */
  readonly lastUsedFrom: string
}

/** One rule a line, read by the server as one types: what is wrong stands with the number of its line. */
export function IpField({ value, onChange, lastUsedFrom }: Props) {
  const { address } = useWhoami()
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), AFTER_MS)
    return () => clearTimeout(timer)
  }, [value])
  const asked = [lastUsedFrom, address ?? ''].filter(Boolean)
  const { data } = useQuery({ ...checkQuery(settled, asked), enabled: settled.trim() !== '' })
  const checked = settled.trim() === '' ? undefined : data
  const problems = checked === undefined ? [] : problemsOf(checked)
  const hints = checked === undefined ? [] : hintsOf(checked, lastUsedFrom, address ?? '')
  return (
    <>
      <Textarea
        id="field-ips"
        label={form.ips}
        description={form.ipsHint}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        autosize
        minRows={3}
        maxRows={12}
        spellCheck={false}
        autoComplete="off"
        classNames={{ input: 'address' }}
        error={problems.length > 0}
        aria-describedby="ips-problems"
      />
      <div id="ips-problems" role="status">
        {problems.map((problem) => (
          <p key={problem} className="problem">
            {problem}
          </p>
        ))}
        {hints.map((hint) => (
          <p key={hint} className="warning">
            {hint}
          </p>
        ))}
      </div>
      {address !== null && (
        <Button
          mt="xs"
          size="compact-sm"
          variant="default"
          onClick={() => onChange(`${value.trimEnd()}${value.trim() === '' ? '' : '\n'}${address}`)}
        >
          {form.addMine(address)}
        </Button>
      )}
    </>
  )
}

function hintsOf({ lines, covers, allows }: Checked, lastUsedFrom: string, mine: string): readonly string[] {
  const shutOut = (address: string): boolean => allows.some((entry) => entry.address === address && entry.allowed === 0)
  const hints = lines.flatMap(({ given, rule, is_widened }) =>
    is_widened === 1 && rule !== null ? [form.ipWidened(given, rule)] : [],
  )
  if (covers !== 'some' && covers !== 'none') hints.push(form.ipsEvery)
  if (lastUsedFrom !== '' && shutOut(lastUsedFrom)) hints.push(form.ipsNotUsed(lastUsedFrom))
  else if (mine !== '' && shutOut(mine)) hints.push(form.ipsNotMine(mine))
  return hints
}
