/** Where it is kept who signs in with a second factor, in the words of this folder. */

export type TwoFactor = {
  readonly userId: number
  /** As `sealSecret` gave it. */
  readonly sealedSecret: string
  readonly enabledAt: Date
  /** The newest period whose code was used: that one and all before it are used up. */
  readonly lastStep: number
  /** Codes in a row that were not right. */
  readonly failures: number
  /** Until then no code is looked at. */
  readonly waitsUntil: Date | undefined
}

/** What the whole server has decided about second factors. */
export type TwoFactorPolicy = {
  /** False: no code is asked of anybody, whoever has one set up (WHM, "security policy"). */
  readonly isEnabled: boolean
  /** What apps show beside the code; undefined: the name of the server. */
  readonly issuer: string | undefined
}

export type TwoFactorStore = {
  find(userId: number): Promise<TwoFactor | undefined>
  /** Users who have one set up. */
  listUserIds(): Promise<ReadonlySet<number>>
  /** Replaces what was there, its recovery codes too. Codes of `lastStep` and before count as used. */
  set(userId: number, sealedSecret: string, lastStep: number, at: Date): Promise<void>
  /** With its recovery codes; false when there was none. */
  remove(userId: number): Promise<boolean>
  /**
   * Counts an attempt as failed, before it is looked at, so that attempts made at once cannot share one place. False: it may not be
   * looked at now. An attempt that turns out right is taken back by `spendStep` or `spendRecoveryCode`.
   */
  takeAttempt(userId: number, at: Date): Promise<boolean>
  /** Uses up the code of this period and forgets the failures; false when it, or a later one, was used before. */
  spendStep(userId: number, step: number): Promise<boolean>
  /** Uses the code up and forgets the failures; false when it was used before or never made. */
  spendRecoveryCode(userId: number, digests: readonly string[], at: Date): Promise<boolean>
  replaceRecoveryCodes(userId: number, digests: readonly string[], at: Date): Promise<void>
  /** Those that are not used yet. */
  countRecoveryCodes(userId: number): Promise<number>
  policy(): Promise<TwoFactorPolicy>
  setPolicy(policy: Partial<{ readonly isEnabled: boolean; readonly issuer: string }>): Promise<void>
}
