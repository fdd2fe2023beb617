/** Serial numbers of zones: RFC 1982 arithmetic over 32 bits, in the form YYYYMMDDnn while that grows. No I/O. */

const SIZE = 2 ** 32

/** Says whether `b` is later than `a`: a name server that has `a` fetches `b`. */
export function isLaterSerial(b: number, a: number): boolean {
  const ahead = (b - a + SIZE) % SIZE
  return ahead > 0 && ahead < SIZE / 2
}

/** The first serial of that day, by the date in UTC. */
export function firstSerialOf(now: Date): number {
  return Number(now.toISOString().slice(0, 10).replaceAll('-', '')) * 100
}

/** The next one: that of the day where it is later, else one more, which turns over after 4294967295. */
export function nextSerial(serial: number, now: Date): number {
  const ofToday = firstSerialOf(now)
  return isLaterSerial(ofToday, serial) ? ofToday : (serial + 1) % SIZE
}
