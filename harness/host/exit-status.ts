import { constants } from 'node:os'
import { signalName } from './signals.ts'
import type { ChildExit } from './system-calls.ts'

/** How a process ended. */
export type ExitStatus =
  | { readonly kind: 'exited'; readonly code: number }
  | {
      readonly kind: 'signaled'
      /** A number for real-time signals, which have no name. */
      readonly signal: NodeJS.Signals | number
      readonly coreDumped: boolean
    }

const CLD_EXITED = 1
const CLD_DUMPED = 3

/** The exit status in what waitid(2) reports of a child. */
export function exitStatusOf({ how, status }: ChildExit): ExitStatus {
  if (how === CLD_EXITED) return { kind: 'exited', code: status }
  return { kind: 'signaled', signal: signalName(status), coreDumped: how === CLD_DUMPED }
}

/** The exit status as a shell shows it: 128 and the signal's number for a signal. Unknown stays undefined. */
export function exitCodeOf(status: ExitStatus | undefined): number | undefined {
  if (status === undefined) return undefined
  if (status.kind === 'exited') return status.code
  const { signal } = status
  return 128 + (typeof signal === 'number' ? signal : constants.signals[signal])
}
