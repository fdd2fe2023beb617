/** What ZoneEdit's changes answer: scripts look for `newserial` in the data, where null means that nothing was changed (observed). */

export function savedResult(zone: string, serial: number): readonly object[] {
  const statusmsg = `Saved the zone ${zone} with the serial ${serial}`
  return [{ result: { newserial: String(serial), status: 1, statusmsg } }]
}

export function failedResult(reason: string): readonly object[] {
  return [{ result: { newserial: null, status: 0, statusmsg: reason } }]
}
