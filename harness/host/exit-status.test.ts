import { expect, test } from 'vitest'
import { exitStatusOf } from './exit-status.ts'
import { exitCodeOf } from './index.ts'

const [exited, killed, dumped] = [1, 2, 3] // CLD_EXITED, CLD_KILLED, CLD_DUMPED

test.each([
  [
    { how: exited, status: 0 },
    { kind: 'exited', code: 0 },
  ],
  [
    { how: exited, status: 42 },
    { kind: 'exited', code: 42 },
  ],
  [
    { how: killed, status: 9 },
    { kind: 'signaled', signal: 'SIGKILL', coreDumped: false },
  ],
  [
    { how: dumped, status: 11 },
    { kind: 'signaled', signal: 'SIGSEGV', coreDumped: true },
  ],
  [
    { how: killed, status: 40 },
    { kind: 'signaled', signal: 40, coreDumped: false },
  ],
] as const)('waitid(2) telling %j means %j', (exit, status) => {
  expect(exitStatusOf(exit)).toEqual(status)
})

test.each([
  [undefined, undefined],
  [{ kind: 'exited', code: 0 }, 0],
  [{ kind: 'exited', code: 255 }, 255],
  [{ kind: 'signaled', signal: 'SIGKILL', coreDumped: false }, 137],
  [{ kind: 'signaled', signal: 'SIGTERM', coreDumped: false }, 143],
  [{ kind: 'signaled', signal: 36, coreDumped: false }, 164],
] as const)('%j is exit code %s', (status, code) => {
  expect(exitCodeOf(status)).toBe(code)
})
