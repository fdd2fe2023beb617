/** Something the administrator has to set right before Postern can start or go on. Shown as it is; never put a secret in. */
export class Problem extends Error {
  /** What to do, as a sentence without a full stop; undefined when the message already says it. */
  readonly hint: string | undefined
  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Problem'
    this.hint = hint
  }
}

/** A setting that cannot be used; the message names it and where it came from. */
export class SettingsError extends Problem {
  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, hint, options)
    this.name = 'SettingsError'
  }
}
