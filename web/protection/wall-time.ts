/** WHM's functions tell moments as a clock on the wall of the server shows them. No I/O. */

const WALL_TIME = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/

/**
 * Unix seconds of `YYYY-MM-DD hh:mm:ss` in that zone; undefined for what is no such text. Of an hour that a clock shows twice it is
 * one of the two.
 */
export function secondsOfWallTime(text: string, timeZone: string): number | undefined {
  const parts = WALL_TIME.exec(text)
  if (parts === null) return undefined
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  const shown = Date.UTC(year, month - 1, day, hour, minute, second)
  // The offset of the shown figures is nearly right; the second look is right where the clock changed between.
  const near = shown - offsetMs(shown, timeZone)
  return (shown - offsetMs(near, timeZone)) / 1000
}

/** How far the zone's clocks are ahead of UTC at that moment. */
function offsetMs(atMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(atMs)
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((candidate) => candidate.type === type)?.value)
  return (
    Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) -
    Math.floor(atMs / 1000) * 1000
  )
}
