import { RunwrightError } from '../host/index.ts'

/** A container or its runtime did otherwise than it should have. */
export class Surprise extends RunwrightError {
  override readonly code = 'SURPRISE'

  constructor({ id }: { readonly id: string }, what: string) {
    super(`container ${id}: ${what}`)
  }
}
