import { failedWith } from './system-call-error.ts'
import { openProcess } from './system-calls.ts'

/**
 * Opens a descriptor of a process, which never comes to mean another one. `unsupported` on a kernel before 5.3 or
 * under a seccomp profile that does not know the call.
 */
export function openProcessDescriptor(pid: number): number | 'gone' | 'unsupported' {
  try {
    return openProcess(pid)
  } catch (error) {
    if (failedWith(error, 'ESRCH', 'EINVAL', 'ENOENT')) return 'gone' // the latter two: a thread's id
    if (failedWith(error, 'ENOSYS', 'EPERM')) return 'unsupported'
    throw error
  }
}
