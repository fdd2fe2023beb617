/** Conversions between columns and the words of the other folders: seconds and `Date`, JSON text and lists. */

/** Unix seconds, rounded down. */
export function toSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}

export function fromSeconds(seconds: number): Date {
  return new Date(seconds * 1000)
}

export function toSecondsOrNull(at: Date | undefined): number | null {
  return at === undefined ? null : toSeconds(at)
}

export function fromSecondsOrNull(seconds: number | null): Date | undefined {
  return seconds === null ? undefined : fromSeconds(seconds)
}

/** A JSON array of texts, as only this folder writes it. */
export function listFromJson(json: string): readonly string[] {
  const value: unknown = JSON.parse(json)
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw new Error('a stored list cannot be read')
  }
  return value
}

/** Splits a list so that no statement carries more parameters than both databases take. */
export function chunksOf<T>(items: readonly T[], size = 500): readonly (readonly T[])[] {
  const chunks: T[][] = []
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size))
  return chunks
}

/** True when a guarded UPDATE or DELETE met its row. */
export function metARow(result: { readonly numUpdatedRows?: bigint; readonly numDeletedRows?: bigint }): boolean {
  return (result.numUpdatedRows ?? result.numDeletedRows ?? 0n) > 0n
}
