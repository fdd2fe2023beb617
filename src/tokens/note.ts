/** What a person writes beside a token, for people alone: no check reads it. */
export type TokenNote = { readonly note: string; readonly ticket: string }

export const NO_NOTE: TokenNote = { note: '', ticket: '' }

export type TokenNoteStore = {
  /** Tokens without a note are left out. */
  notesOf(tokenIds: readonly string[]): Promise<ReadonlyMap<string, TokenNote>>
  set(tokenId: string, note: TokenNote): Promise<void>
}
