/** Thrown while starting when going on could lose or expose data; the command prints both texts and exits with 1. */
export class StartRefusal extends Error {
  /** What a person should do about it, as one or two sentences. */
  readonly remedy: string

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartRefusal'
    this.remedy = remedy
  }
}

/** The database cannot be used any more: it is damaged, gone, or has lost something. */
export class DatabaseLost extends StartRefusal {}
