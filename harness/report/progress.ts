import type { Outcome, TestReport } from '../suite/index.ts'
import type { Paint } from './paint.ts'
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

/** One line that is drawn over and over, for a terminal. */
export function liveProgress(output: ProgressOutput, planned: number, paint: Paint): Progress {
  const totals = emptyTotals()
  const startedAt = performance.now()
  const running = new Set<string>()
  const draw = () => {
    const done = Object.values(totals).reduce((total, count) => total + count, 0)
    const elapsed = `${((performance.now() - startedAt) / 1000).toFixed(0)} s`
    const head = `${done}/${planned}  ${countsLine(totals, (_meaning, text) => text)}  ${elapsed}`
    const current = [...running].at(-1) ?? ''
    const width = (output.columns ?? 80) - 1
    output.write(`\r\u001b[2K${paint('faint', printableLine(`${head}  ${current}`, width))}`)
  }
  const timer = setInterval(draw, redrawMs)
  timer.unref()
  return {
    started: (testId) => running.add(testId),
    ended: ({ id, outcome }) => {
      running.delete(id)
      totals[outcome] += 1
    },
    finish: () => {
      clearInterval(timer)
      output.write('\r\u001b[2K')
    },
  }
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
