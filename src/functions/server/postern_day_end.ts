import { Failure } from '../../failures.ts'
import { lastSecondOfDay } from '../../tokens/day-end.ts'
import { optional, text } from '../../whm/params.ts'
import { defineRead } from '../define.ts'

/** For forms that take a date where the API takes a second. The next year's date is what such a form offers. */
export const posternDayEnd = defineRead({
  name: 'postern_day_end',
  group: 'Server',
  summary: "Tell at which second a day ends in the server's time zone, as `expires_at` of a token wants it.",
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: {
    time: optional(text({ doc: 'A time of that day, HH:MM, instead of its end.', max: 40 })),
    date: optional(text({ doc: 'The day, YYYY-MM-DD. Absent: one year from today.', max: 40 })),
  },
  failures: [],
  v0: 'none',
  run({ now, services }, { date, time }) {
    const { timezone } = services.facts
    const end = lastSecondOfDay(date ?? oneYearAfter(now, timezone), timezone, time)
    const problem = typeof end === 'string' ? end : end.at.getTime() <= now.getTime() ? 'is in the past' : undefined
    if (typeof end === 'string' || problem !== undefined) {
      const value = time === undefined ? (date ?? '') : `${date ?? ''} ${time}`
      throw new Failure('argument-invalid', { argument: 'date', value, problem: problem ?? '' })
    }
    return { data: { date: end.date, expires_at: end.at.getTime() / 1000, timezone } }
  },
})

/** The same day of the next year; of 29 February the 28th. */
function oneYearAfter(now: Date, timezone: string): string {
  const [year = '', month, day] = new Intl.DateTimeFormat('en-CA', { timeZone: timezone }).format(now).split('-')
  return `${Number(year) + 1}-${month}-${month === '02' && day === '29' ? '28' : day}`
}
