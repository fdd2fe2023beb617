/** How a user likes the pages, kept with the user and not with the browser. Nothing here decides what anybody may do. */
export type Preferences = {
  /** The secret of a new token is covered until it is asked for, for people who share their screen. */
  readonly hideSecrets?: boolean
}

export type PreferenceStore = {
  of(userId: number): Promise<Preferences>
  set(userId: number, preferences: Preferences): Promise<void>
}
