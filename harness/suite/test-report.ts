import type { CommandRecord } from '../runtime/index.ts'
import type { CommandLog } from './command-log.ts'
import type { TestDeclaration } from './declaration.ts'
import type { RuntimeUnderTest } from './environment.ts'
import { isRed, type Judgement, type Outcome } from './outcome.ts'

/** An error as results keep it: plain data. */
export interface ReportedError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly expected?: string
  readonly actual?: string
  readonly stack?: string
  readonly cause?: string
}

/** What running one test against one runtime gave: plain data that crosses process boundaries. */
export interface TestReport {
  readonly id: string
  readonly suite: string
  readonly title: string
  readonly runtime: string
  readonly outcome: Outcome
  readonly reason?: string
  readonly error?: ReportedError
  readonly covers: readonly string[]
  readonly durationMs: number
  /** Time spent inside runtime commands; the rest of the duration is what the harness costs. */
  readonly runtimeMs: number
  readonly containers: number
  /** The commands of a red test, to repeat it by hand. */
  readonly commands?: readonly CommandRecord[]
}

/** Puts together the report of a test that has ended. */
export function reportOf(
  { id, suite, title, covers }: TestDeclaration,
  runtime: RuntimeUnderTest,
  { outcome, reason, error }: Judgement,
  log: CommandLog,
  durationMs: number,
): TestReport {
  return {
    id,
    suite,
    title,
    runtime: runtime.name,
    outcome,
    covers,
    durationMs,
    runtimeMs: log.runtimeMs,
    containers: log.containers,
    ...(reason === undefined ? {} : { reason }),
    ...(error === undefined ? {} : { error: reportError(error) }),
    ...(isRed(outcome) || outcome === 'deviation' ? { commands: log.records } : {}),
  }
}

/** Turns anything thrown into plain data. */
export function reportError(error: unknown): ReportedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  return {
    name: error.name,
    message: error.message,
    ...('code' in error ? { code: String(error.code) } : {}),
    ...('expected' in error && error.expected !== undefined ? { expected: show(error.expected) } : {}),
    ...('actual' in error && error.actual !== undefined ? { actual: show(error.actual) } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined
      ? {}
      : { cause: error.cause instanceof Error ? error.cause.message : String(error.cause) }),
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return value
  return (
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}` : inner), 2) ??
    String(value)
  )
}
