/**
 * A moment as a person types it: Unix seconds, a date, or a date and time in the machine's zone or with one of its own. A day that
 * the calendar does not have is refused; `Date` alone would make 1 March of 29 February.
 */
const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?)?$/

/** Unix seconds; a date alone is the start or the end of that day. Undefined if it is no moment. */
export function parseMoment(text: string, ofDay: 'start' | 'end'): number | undefined {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  const found = FORM.exec(text)
  if (found === null || !isCalendarDay(found)) return undefined
  const [, , , , hour, minute, second, zone] = found
  const time =
    hour === undefined ? (ofDay === 'start' ? '00:00:00' : '23:59:59') : `${hour}:${minute}:${second ?? '00'}`
  const ms = Date.parse(`${text.slice(0, 10)}T${time}${zone ?? ''}`)
  return Number.isNaN(ms) || Number(hour ?? 0) > 23 ? undefined : ms / 1000
}

function isCalendarDay([, year, month, day]: RegExpExecArray): boolean {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}
