import { constants } from 'node:os'
import { RunwrightError } from './errors.ts'

/**
 * Names of errors; libuv's own list lacks some (ECHILD). Of two names for a number, the first in the alphabet; found by
 * plain comparison, as one by a language loads its tables first, for 10 ms of every start.
 */
const errnoNames: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno)
    .sort(([first], [second]) => (first < second ? 1 : -1))
    .map(([name, number]) => [number, name]),
)

/** The kernel refused a system call. The message names the call, what it was for and the error. */
export class SystemCallError extends RunwrightError {
  override readonly code = 'SYSTEM_CALL_FAILED'

  /** The name of the call, as in its manual page. */
  readonly call: string
  /** The error's number, positive, as in errno(3). */
  readonly errno: number
  /** The error's name: `ESRCH`. */
  readonly errnoName: string

  constructor(call: string, errno: number, purpose: string) {
    const errnoName = errnoNames.get(errno) ?? String(errno)
    super(`${call} failed with ${errnoName} (${errno}) while trying to ${purpose}`)
    this.call = call
    this.errno = errno
    this.errnoName = errnoName
  }
}

/** System calls cannot be made from here: this processor's structure layouts are not known to the harness. */
export class UnsupportedMachineError extends RunwrightError {
  override readonly code = 'UNSUPPORTED_MACHINE'
}

/** Whether an error is a system call's failure with one of these errors. */
export function failedWith(error: unknown, ...errnoNames: readonly string[]): error is SystemCallError {
  return error instanceof SystemCallError && errnoNames.includes(error.errnoName)
}
