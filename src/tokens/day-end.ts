/**
 * The second at which a day ends in a time zone: what a date means as a token's expiry. WHM, Manage API Tokens: the day's 23:59:59 in the
 * server's zone. Where that time comes twice, because the clock is set back at midnight, the later one counts (our choice): a token
 * never ends before its day is over. No I/O.
 */

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/
const HOUR_MS = 3_600_000

export type DayEnd = { readonly date: string; readonly at: Date }

/**
 * The end of the day, or the start of a minute of it (`HH:MM`), or what is wrong with what was asked for, to complete `“value” …`.
 * `zone` is an IANA name.
 */
export function lastSecondOfDay(date: string, zone: string, time?: string): DayEnd | string {
  const [, year = '', month = '', day = ''] = DATE.exec(date) ?? []
  if (year === '') return 'is not a date of the form YYYY-MM-DD'
  const [, hour, minute] = time === undefined ? ['', '23', '59'] : (TIME.exec(time) ?? [])
  if (hour === undefined) return 'is not a time of the form HH:MM'
  const second = time === undefined ? 59 : 0
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), second)
  // Date carries what is too large over into the next month, so that such a date does not come back as it was.
  if (new Date(wall).toISOString().slice(0, 10) !== date) return 'is not a day of the calendar'
  const offsets = [-36, -12, 12, 36].map((hours) => offsetMs(wall + hours * HOUR_MS, zone))
  const moments = offsets.map((offset) => wall - offset)
  const exact = moments.filter((moment) => moment + offsetMs(moment, zone) === wall)
  // A clock that is put forward over the end of the day: the day ends when it jumps.
  return { date, at: new Date(exact.length > 0 ? Math.max(...exact) : Math.min(...moments)) }
}

/** How far the zone's clocks are ahead of UTC at that moment. */
function offsetMs(moment: number, zone: string): number {
  const parts = clockOf(zone).formatToParts(moment)
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((candidate) => candidate.type === type)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - moment
}

/** A clock is slow to make, and a server has one zone. */
const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known !== undefined) return known
  const [year, month, day, hour, minute, second] = Array.from({ length: 6 }, () => 'numeric' as const)
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year,
    month,
    day,
    hour,
    minute,
    second,
  })
  clocks.set(zone, clock)
  return clock
}
