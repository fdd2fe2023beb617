/** Tables as CSV for spreadsheets: RFC 4180, safe to open, and read back equal. No I/O. */

export type CsvValue = string | number | null

/**
 * A spreadsheet takes what begins with these for a formula and runs it; a mark before it says that it is text. What begins with the
 * mark gets one more, so that nothing is lost.
 */
const MARKED = /^[=+\-@\t\r']/

function cell(value: CsvValue): string {
  const text = String(value ?? '')
  const safe = typeof value === 'string' && MARKED.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** With a heading line; every line ends with CR LF. */
export function csvOf(columns: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}
