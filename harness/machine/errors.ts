import { RunwrightError } from '../host/index.ts'

/** A virtual machine cannot be had on this host; the message says what to do. */
export class NoVirtualMachineError extends RunwrightError {
  override readonly code = 'NO_VIRTUAL_MACHINE'
}

/** A virtual machine ended, or fell silent, before what ran in it had ended. */
export class VirtualMachineDiedError extends RunwrightError {
  override readonly code = 'VIRTUAL_MACHINE_DIED'
  /** What its console said last, oldest line first. */
  readonly consoleLines: readonly string[]

  constructor(message: string, consoleLines: readonly string[]) {
    super([`the virtual machine ${message}`, ...consoleLines.map((line) => `  console: ${line}`)].join('\n'))
    this.consoleLines = consoleLines
  }
}
