/**
 * Base of every error the harness throws on purpose: a stable `code` for programs, a message a user can act
 * on (which file, which bundle, which command), and the `cause` where there is one.
 */
export abstract class RunwrightError extends Error {
  abstract readonly code: string

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}
