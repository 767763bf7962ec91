import type { Outcome, TestReport } from '../suite/index.ts'
import { noPaint, type Paint } from './paint.ts'
import { printableLine } from './printable.ts'
import { countsLine } from './summary.ts'

/** Where progress is shown. */
export interface ProgressOutput {
  write(text: string): unknown
  /** Width in columns; read anew for every line, because windows change. */
  readonly columns?: number | undefined
}

/** Shows how far a run has come. */
export interface Progress {
  started(testId: string): void
  ended(test: TestReport): void
  finish(): void
}

const redrawMs = 100

/** One line that is drawn over and over, for a terminal: how far it is, and how it stands with each runtime. */
export function liveProgress(output: ProgressOutput, planned: number, paint: Paint): Progress {
  const byRuntime = new Map<string, Record<Outcome, number>>()
  const startedAt = performance.now()
  const running = new Set<string>()
  let done = 0
  const draw = () => {
    const elapsed = `${((performance.now() - startedAt) / 1000).toFixed(0)} s`
    const current = [...running].at(-1) ?? ''
    const line = [`${done}/${planned}`, standing(byRuntime), elapsed, current].join('  ')
    const width = (output.columns ?? 80) - 1
    output.write(`\r\u001b[2K${paint('faint', printableLine(line, width))}`)
  }
  const timer = setInterval(draw, redrawMs)
  timer.unref()
  return {
    started: (testId) => running.add(testId),
    ended: ({ id, runtime, outcome }) => {
      running.delete(id)
      done += 1
      const totals = byRuntime.get(runtime) ?? emptyTotals()
      totals[outcome] += 1
      byRuntime.set(runtime, totals)
    },
    finish: () => {
      clearInterval(timer)
      output.write('\r\u001b[2K')
    },
  }
}

/** The counts of each runtime; its name stands before them where there are several. */
function standing(byRuntime: ReadonlyMap<string, Readonly<Record<Outcome, number>>>): string {
  const counts = [...byRuntime].map(([runtime, totals]) => [runtime, countsLine(totals, noPaint)] as const)
  if (counts.length > 1) return counts.map(([runtime, line]) => `${runtime}: ${line}`).join('; ')
  return counts[0]?.[1] ?? 'no test has ended'
}

/** One line a test, for a log. */
export function plainProgress(output: ProgressOutput, planned: number, paint: Paint): Progress {
  let done = 0
  const width = String(planned).length
  return {
    started: () => {},
    ended: ({ id, runtime, outcome, durationMs }) => {
      done += 1
      const position = String(done).padStart(width)
      output.write(
        `${position}/${planned}  ${paint(outcome, outcome.padEnd(9))}  ${runtime}  ${id}  ${durationMs.toFixed(0)} ms\n`,
      )
    },
    finish: () => {},
  }
}

function emptyTotals(): Record<Outcome, number> {
  return { pass: 0, fail: 0, broken: 0, deviation: 0, fixed: 0, skip: 0 }
}
