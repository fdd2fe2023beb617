import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMoment } from './moment.ts'

test('Unix seconds, dates and times with a zone are read', () => {
  assert.equal(parseMoment('1798757999', 'start'), 1798757999)
  assert.equal(parseMoment('2026-12-31T23:59:59Z', 'start'), 1798761599)
  assert.equal(parseMoment('2026-12-31 18:30+01:00', 'start'), 1798738200)
})

test('a date alone is the start or the end of that day in the machine’s zone', () => {
  const start = new Date(2028, 1, 29).getTime() / 1000
  assert.equal(parseMoment('2028-02-29', 'start'), start)
  assert.equal(parseMoment('2028-02-29', 'end'), start + 86_399)
  assert.equal(parseMoment('2028-02-29T00:00', 'end'), start)
})

test('E3: a day that the calendar does not have, and other spellings, are no moments', () => {
  for (const text of [
    '2027-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-1-1',
    '31/12/2026',
    '2026-12-31T24:00',
    '2026-12-31T12:60',
    '',
    'yesterday',
    '-1',
    '1.5',
    '２０２６-12-31',
    '2026-12-31\n',
  ]) {
    assert.equal(parseMoment(text, 'start'), undefined, text)
  }
})
