import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import ICAL from 'ical.js'
import { type CalendarEntry, formatCalendar } from './calendar.ts'

const about = {
  hostname: 'panel.example.com',
  now: new Date('2026-11-25T12:00:00Z'),
  url: 'https://panel.example.com:2087',
}

/** The events of the file, as a calendar program reads them. */
function readBack(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text))
  return calendar.getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component)
    return { uid: event.uid, summary: event.summary, start: event.startDate.toJSDate().toISOString() }
  })
}

test('each token is one event at its end, with an id that lasts', () => {
  const entry = { id: 'tok_1', name: 'backup', owner: 'rita', expiresAt: new Date('2026-12-31T23:59:59Z') }
  const text = formatCalendar([entry], about)
  assert.deepEqual(readBack(text), [
    {
      uid: 'tok_1@panel.example.com',
      summary: 'The API token backup of rita expires',
      start: '2026-12-31T23:59:59.000Z',
    },
  ])
  assert.match(text, /^BEGIN:VCALENDAR\r\n/)
  assert.ok(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75))
})

test('O3: whatever a name holds is escaped and reads back equal', () => {
  const hostile = fc.string({
    unit: fc.constantFrom(';', ',', '\\', '\n', ':', '"', '=', 'é', '😀', 'x', 'END:VEVENT', ' '),
  })
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 5 }), (names) => {
      const entries: CalendarEntry[] = names.map((name, index) => ({
        id: `tok_${index}`,
        name,
        owner: `o${name}`,
        expiresAt: new Date(Date.UTC(2027, 0, 1 + index)),
      }))
      assert.deepEqual(
        readBack(formatCalendar(entries, about)),
        entries.map(({ id, name, owner, expiresAt }) => ({
          uid: `${id}@panel.example.com`,
          summary: `The API token ${name} of ${owner} expires`,
          start: expiresAt.toISOString(),
        })),
      )
    }),
    { seed: 20_261_125, numRuns: 200 },
  )
})
