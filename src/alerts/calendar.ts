/** The expiry of tokens as an iCalendar file (RFC 5545). */
import ical, { ICalCalendarMethod, ICalEventTransparency } from 'ical-generator'

export type CalendarEntry = {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly expiresAt: Date
}

/** One event a token, with the same id for as long as the token is there, so that programs move it when the expiry moves. */
export function formatCalendar(
  entries: readonly CalendarEntry[],
  about: { readonly hostname: string; readonly now: Date; readonly url: string },
): string {
  const calendar = ical({
    name: `API tokens of ${about.hostname}`,
    prodId: { company: 'Postern', product: 'Postern', language: 'EN' },
    method: ICalCalendarMethod.PUBLISH,
    ttl: 3600,
  })
  for (const { id, name, owner, expiresAt } of entries) {
    calendar.createEvent({
      id: `${id}@${about.hostname}`,
      stamp: about.now,
      start: expiresAt,
      end: expiresAt,
      summary: `The API token ${name} of ${owner} expires`,
      description: `From then on calls with this token are refused. Give it a new secret or a later end: ${about.url}/tokens`,
      url: `${about.url}/tokens`,
      transparency: ICalEventTransparency.TRANSPARENT,
    })
  }
  return calendar.toString()
}
