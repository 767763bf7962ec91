import { RunwrightError } from './errors.ts'
import { openProcessDescriptor } from './process-descriptor.ts'
import { isProcessAlive, isProcessId, type ProcessIdentity } from './process-identity.ts'
import { parseSignal } from './signals.ts'
import { failedWith } from './system-call-error.ts'
import { closeDescriptor, sendSignal } from './system-calls.ts'

/** A pid that names no single process: 0 and negative numbers would reach whole groups of processes. */
export class InvalidProcessIdError extends RunwrightError {
  override readonly code = 'INVALID_PROCESS_ID'
}

/**
 * Sends a signal to exactly this process: through a process descriptor (pidfd_send_signal(2)), so that a process that
 * got the same pid later is never hit, or by kill(2) where the kernel offers no such descriptors.
 *
 * @param signal as in `parseSignal`.
 * @returns `gone` when the process has ended, also while it is a zombie.
 * @throws InvalidProcessIdError for a pid that is not positive; UnknownSignalError; SystemCallError when the kernel
 * refuses (EPERM).
 */
export function signalProcess(identity: ProcessIdentity, signal: string | number): 'sent' | 'gone' {
  const number = parseSignal(signal)
  if (!isProcessId(identity.pid)) {
    throw new InvalidProcessIdError(`${identity.pid} is not the pid of one process: no signal was sent`)
  }
  const descriptor = openProcessDescriptor(identity.pid)
  if (descriptor === 'gone') return 'gone'
  if (descriptor === 'unsupported') return signalByPid(identity, number)
  try {
    return signalByDescriptor(identity, descriptor, number)
  } finally {
    closeDescriptor(descriptor)
  }
}

function signalByDescriptor(identity: ProcessIdentity, descriptor: number, number: number): 'sent' | 'gone' {
  // Looked at after the descriptor was opened: from then on it cannot come to mean another process.
  if (!isProcessAlive(identity)) return 'gone'
  try {
    sendSignal(descriptor, number)
    return 'sent'
  } catch (error) {
    if (failedWith(error, 'ESRCH')) return 'gone'
    throw error
  }
}

function signalByPid(identity: ProcessIdentity, number: number): 'sent' | 'gone' {
  if (!isProcessAlive(identity)) return 'gone'
  process.kill(identity.pid, number)
  return 'sent'
}
