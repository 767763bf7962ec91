/** Installs a seccomp filter in this process and checks that it acts; exits with 1 and a reason when it does not. */
import { failedWith } from './system-call-error.ts'
import { filterSystemCalls, openProcess } from './system-calls.ts'

const pidfdOpen = 434 // on every machine
const ENOTTY = 25 // which the call never gives by itself

try {
  filterSystemCalls([
    [0x20, 0, 0, 0], // load the number of the call
    [0x15, 0, 1, pidfdOpen], // if it is not this one, skip the next instruction
    [0x06, 0, 0, 0x0005_0000 | ENOTTY], // SECCOMP_RET_ERRNO
    [0x06, 0, 0, 0x7fff_0000], // SECCOMP_RET_ALLOW
  ])
  expectRefusal()
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

function expectRefusal(): void {
  try {
    openProcess(process.pid)
  } catch (error) {
    if (failedWith(error, 'ENOTTY')) return
    throw error
  }
  throw new Error('a seccomp filter was installed and did nothing')
}
