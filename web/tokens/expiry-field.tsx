import { Button, Group, Popover, Radio, TextInput } from '@mantine/core'
import { DatePicker } from '@mantine/dates'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { ApiError, callFunction } from '../api.ts'
import { clockTime, dateOnly, isoDate } from '../moments.ts'
import { queryClient, useWhoami } from '../queries.ts'
import { words } from '../words.ts'

export type ExpiryValue = {
  readonly kind: 'never' | 'date'
  /** As it was typed; empty asks for the date that is offered, a year from today. */
  readonly date: string
  /** `HH:MM`; undefined: the end of the day. */
  readonly time: string | undefined
}

type DayEnd = { readonly date: string; readonly expires_at: number; readonly timezone: string }
type Settled = { readonly expiresAt: number | undefined; readonly problem: string | undefined }

export type ResolvedExpiry = {
  readonly end: DayEnd | undefined
  readonly problem: string | undefined
  /** Waits for the server's answer about what is typed now. */
  readonly settle: () => Promise<Settled>
}

const { form } = words.tokens
const COMPLETE = /^\d{4}-\d\d-\d\d$/

function dayEndQuery({ date, time }: ExpiryValue) {
  return {
    queryKey: ['postern_day_end', date, time],
    queryFn: async () =>
      (await callFunction<DayEnd>('postern_day_end', { date: date === '' ? undefined : date, time })).data,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  }
}

/** Which second the value means: the server says, since it is the server's zone and clock that count. */
export function useExpiry(value: ExpiryValue): ResolvedExpiry {
  const isAsked = value.kind === 'date' && (value.date === '' || COMPLETE.test(value.date))
  const { data, error } = useQuery({ ...dayEndQuery(value), enabled: isAsked })
  return {
    end: isAsked ? data : undefined,
    problem: isAsked && error !== null ? problemOf(error) : undefined,
    settle: async () => {
      if (value.kind === 'never') return { expiresAt: undefined, problem: undefined }
      if (value.date !== '' && !COMPLETE.test(value.date)) return { expiresAt: undefined, problem: form.dateMissing }
      try {
        const end = await queryClient.fetchQuery(dayEndQuery(value))
        return { expiresAt: end.expires_at, problem: undefined }
      } catch (failure) {
        return { expiresAt: undefined, problem: problemOf(failure) }
      }
    },
  }
}

/** The server's sentence quotes the value, which the field shows anyway. */
function problemOf(error: unknown): string {
  if (error instanceof ApiError && error.kind !== 'failed') return error.message
  const problem = error instanceof ApiError ? /”[^”]*” (.+)\.$/.exec(error.message)?.[1] : undefined
  return problem === undefined ? form.dateMissing : form.dateWrong(problem)
}

type Props = {
  readonly value: ExpiryValue
  readonly onChange: (value: ExpiryValue) => void
  readonly resolved: ResolvedExpiry
  /** From the form's last attempt. */
  readonly problem?: string | undefined
}

const QUICK_DAYS = [7, 30, 60, 90] as const

/** Never, or a date that can be typed, picked or chosen in one step; with a time of day if somebody asks for it. */
export function ExpiryField({ value, onChange, resolved, problem }: Props) {
  const { server } = useWhoami()
  const { end } = resolved
  // The date that is offered comes from the server, which knows what day it is there.
  useEffect(() => {
    if (value.kind === 'date' && value.date === '' && end !== undefined) onChange({ ...value, date: end.date })
  }, [value, end, onChange])
  const set = (more: Partial<ExpiryValue>): void => onChange({ ...value, ...more })
  const shownProblem = problem ?? resolved.problem
  return (
    <fieldset className="plain">
      <legend className="visually-hidden">{form.until}</legend>
      <Radio label={form.onDate} name="expiry" checked={value.kind === 'date'} onChange={() => set({ kind: 'date' })} />
      {value.kind === 'date' && (
        <div className="expiry">
          <Group gap="xs" align="flex-end">
            <TextInput
              id="field-date"
              label={form.date}
              value={value.date}
              placeholder="YYYY-MM-DD"
              inputMode="numeric"
              maxLength={10}
              w={130}
              autoComplete="off"
              error={shownProblem !== undefined}
              aria-describedby="date-hint date-problem"
              onChange={(event) => set({ date: event.currentTarget.value.trim() })}
            />
            <Calendar date={value.date} onPick={(date) => set({ date })} />
            {value.time !== undefined && (
              <TextInput
                type="time"
                label={form.time}
                value={value.time}
                w={110}
                onChange={(event) => set({ time: event.currentTarget.value })}
              />
            )}
            <Button
              variant="subtle"
              size="sm"
              onClick={() => set({ time: value.time === undefined ? '12:00' : undefined })}
            >
              {value.time === undefined ? form.addTime : form.dropTime}
            </Button>
          </Group>
          <p id="date-hint" className="hint">
            {value.time === undefined ? form.dateHint(server.timezone) : form.dateTimeHint(server.timezone)}
          </p>
          <p id="date-problem" className="problem" role="status">
            {shownProblem}
          </p>
          <Group gap={6} mb="xs">
            {QUICK_DAYS.map((days) => (
              <Button
                key={days}
                size="compact-sm"
                variant="default"
                onClick={() => set({ date: inDays(days, server) })}
              >
                {form.days(days)}
              </Button>
            ))}
            <Button size="compact-sm" variant="default" onClick={() => set({ date: '' })}>
              {form.year}
            </Button>
          </Group>
          {end !== undefined && (
            <p className="ends" role="status">
              {form.endsAt(
                `${dateOnly(end.expires_at, end.timezone)}, ${clockTime(end.expires_at, end.timezone)}`,
                end.timezone,
              )}
            </p>
          )}
        </div>
      )}
      <Radio
        mt="xs"
        label={form.never}
        name="expiry"
        checked={value.kind === 'never'}
        onChange={() => set({ kind: 'never' })}
      />
      {value.kind === 'never' && <p className="hint">{words.tokens.reviewPage.neverEnds}</p>}
    </fieldset>
  )
}

/** The date that many days from today in the server's zone. */
export function inDays(days: number, server: { readonly now: number; readonly timezone: string }): string {
  return isoDate(server.now + days * 86_400, server.timezone)
}

function Calendar({ date, onPick }: { readonly date: string; readonly onPick: (date: string) => void }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus returnFocus withRoles>
      <Popover.Target>
        <Button variant="default" onClick={() => setOpen(!isOpen)}>
          {form.calendar}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={form.calendarTitle}>
        <DatePicker
          value={COMPLETE.test(date) ? date : null}
          defaultDate={COMPLETE.test(date) ? date : new Date()}
          minDate={new Date()}
          weekendDays={[]}
          ariaLabels={form.calendarLabels}
          onChange={(picked) => {
            if (picked === null) return
            onPick(picked)
            setOpen(false)
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}
