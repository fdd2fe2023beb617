/** What the words for clients are made of. */

/** HTTP status and sentence of one code; the details are typed by the row. */
export type Wording = { readonly http: number; readonly reason: (details: never) => string }

/** What a client sends wrong is quoted back in curly quotes, cut so that a reply stays small. */
export const cut = (value: string, max = 100): string => (value.length > max ? `${value.slice(0, max)}…` : value)
export const quoted = (value: string): string => `“${cut(value)}”`
