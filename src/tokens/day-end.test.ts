import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lastSecondOfDay } from './day-end.ts'

function secondsOf(date: string, zone: string): number {
  const end = lastSecondOfDay(date, zone)
  assert.notEqual(typeof end, 'string', `${date}: ${String(end)}`)
  return typeof end === 'string' ? 0 : end.at.getTime() / 1000
}

test('E1: a date ends at 23:59:59 of that day in the server’s zone', () => {
  assert.equal(secondsOf('2026-12-31', 'Europe/Berlin'), 1798757999)
  assert.equal(secondsOf('2026-12-31', 'UTC'), 1798761599)
})

test('E2: on days with a clock change the end is exact, and the later one where 23:59:59 comes twice', () => {
  assert.equal(secondsOf('2026-03-29', 'Europe/Berlin'), 1774821599)
  assert.equal(secondsOf('2026-10-25', 'Europe/Berlin'), 1792969199)
  assert.equal(secondsOf('2026-04-04', 'America/Santiago'), 1775361599)
  assert.equal(secondsOf('2026-10-29', 'Africa/Cairo'), 1793311199)
  assert.equal(secondsOf('2026-04-24', 'Africa/Cairo'), 1777064399)
})

test('E3: a leap day is a day; what is no day, or is written in another way, is refused with the reason', () => {
  assert.equal(secondsOf('2028-02-29', 'UTC'), 1835481599)
  for (const date of ['2027-02-29', '2026-02-30', '2026-13-01', '2026-00-10', '2026-01-00'])
    assert.equal(lastSecondOfDay(date, 'UTC'), 'is not a day of the calendar', date)
  for (const date of [
    '2026-1-1',
    '31/12/2026',
    '2026-12-31T00:00',
    '２０２６-12-31',
    '',
    ' 2026-12-31',
    '2026-12-31\n',
    '-026-12-31',
  ])
    assert.equal(lastSecondOfDay(date, 'UTC'), 'is not a date of the form YYYY-MM-DD', date)
})

test('a time of day is the start of that minute, and anything that is none is refused', () => {
  const at = (time: string) => {
    const end = lastSecondOfDay('2026-12-31', 'Europe/Berlin', time)
    return typeof end === 'string' ? end : end.at.toISOString()
  }
  assert.equal(at('18:30'), '2026-12-31T17:30:00.000Z')
  assert.equal(at('00:00'), '2026-12-30T23:00:00.000Z')
  for (const time of ['24:00', '7:30', '12:60', '12:30:00', ''])
    assert.equal(at(time), 'is not a time of the form HH:MM')
})

test('the second after the end belongs to a later day, and the end itself to the day, in every zone', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'America/Santiago',
    'Africa/Cairo',
    'Asia/Kathmandu',
    'Pacific/Apia',
    'America/Nuuk',
    'Australia/Lord_Howe',
    'Asia/Beirut',
  ]
  const clocks = new Map(zones.map((timeZone) => [timeZone, new Intl.DateTimeFormat('en-CA', { timeZone })]))
  const dayIn = (ms: number, zone: string): string => clocks.get(zone)?.format(ms) ?? ''
  const property = fc.property(
    fc.date({ min: new Date('2020-01-01'), max: new Date('2090-12-31'), noInvalidDate: true }),
    fc.constantFrom(...zones),
    (day, zone) => {
      const date = day.toISOString().slice(0, 10)
      const endMs = secondsOf(date, zone) * 1000
      assert.equal(dayIn(endMs, zone), date)
      assert.ok(dayIn(endMs + 1000, zone) > date)
    },
  )
  fc.assert(property, { numRuns: 500 })
})
