import { RunwrightError } from './errors.ts'

/** The host does not meet a need; the message is the reason. */
export class UnmetNeedError extends RunwrightError {
  override readonly code = 'UNMET_NEED'
}
