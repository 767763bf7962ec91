import * as v from 'valibot'
import { leakKindSchema } from '../guard/index.ts'
import { beginningOf } from '../runtime/index.ts'
import type { CommandLog } from './command-log.ts'
import type { TestDeclaration } from './declaration.ts'
import type { RuntimeUnderTest } from './environment.ts'
import { isRed, type Judgement, outcomes } from './outcome.ts'

const errorSchema = v.object({
  name: v.string(),
  message: v.string(),
  code: v.exactOptional(v.string()),
  expected: v.exactOptional(v.string()),
  actual: v.exactOptional(v.string()),
  stack: v.exactOptional(v.string()),
  cause: v.exactOptional(v.string()),
})

/** An error as results keep it: plain data. */
export type ReportedError = Readonly<v.InferOutput<typeof errorSchema>>

const words = v.pipe(v.array(v.string()), v.readonly())

/** A `CommandRecord`, with what JSON leaves out where it is undefined. */
const commandSchema = v.object({
  verb: v.string(),
  argv: words,
  reproduction: words,
  workingDirectory: v.string(),
  exitCode: v.optional(v.number()),
  signal: v.optional(v.string()),
  stdout: v.string(),
  stderr: v.string(),
  /** What the runtime logged meanwhile. */
  log: v.pipe(
    v.array(v.object({ level: v.string(), message: v.string(), time: v.optional(v.string()) })),
    v.readonly(),
  ),
  startedAt: v.number(),
  durationMs: v.number(),
  timedOut: v.boolean(),
})

/** A command of a test, to repeat it by hand. */
export type ReportedCommand = Readonly<v.InferOutput<typeof commandSchema>>

const leakSchema = v.object({ kind: leakKindSchema, what: v.string(), test: v.exactOptional(v.string()) })

/** The shape of a test's report, in results.json, too. */
export const testReportSchema = v.object({
  id: v.string(),
  suite: v.string(),
  title: v.string(),
  /** The module of suites that it comes from, as the command was given it; absent for the shipped suites. */
  module: v.exactOptional(v.string()),
  runtime: v.string(),
  outcome: v.picklist(outcomes),
  reason: v.exactOptional(v.string()),
  error: v.exactOptional(v.pipe(errorSchema, v.readonly())),
  covers: words,
  durationMs: v.number(),
  /** Time spent inside runtime commands; the rest of the duration is what the harness costs. */
  runtimeMs: v.number(),
  containers: v.number(),
  /** What the test has left on the host, where it has. */
  leaks: v.exactOptional(v.pipe(v.array(leakSchema), v.readonly())),
  /** Directory with everything to see a red test again, below that of results.json. */
  artifacts: v.exactOptional(v.string()),
  /** The commands of a test that disagreed or could not judge, to repeat it by hand. */
  commands: v.exactOptional(v.pipe(v.array(v.pipe(commandSchema, v.readonly())), v.readonly())),
})

/** What running one test against one runtime gave: plain data that crosses process boundaries. */
export type TestReport = Readonly<v.InferOutput<typeof testReportSchema>>

/** Puts together the report of a test that has ended. */
export function reportOf(
  { id, suite, title, module, covers }: TestDeclaration,
  runtime: RuntimeUnderTest,
  { outcome, reason, error }: Judgement,
  log: CommandLog,
  durationMs: number,
): TestReport {
  return {
    id,
    suite,
    title,
    ...(module === undefined ? {} : { module }),
    runtime: runtime.name,
    outcome,
    covers,
    durationMs,
    runtimeMs: log.runtimeMs,
    containers: log.containers,
    ...(reason === undefined ? {} : { reason: kept(reason) }),
    ...(error === undefined ? {} : { error: reportError(error) }),
    ...(isRed(outcome) || outcome === 'deviation' ? { commands: log.records } : {}),
  }
}

/** Turns anything thrown into plain data. */
export function reportError(error: unknown): ReportedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  return {
    name: error.name,
    message: kept(error.message),
    ...('code' in error ? { code: String(error.code) } : {}),
    ...('expected' in error && error.expected !== undefined ? { expected: show(error.expected) } : {}),
    ...('actual' in error && error.actual !== undefined ? { actual: show(error.actual) } : {}),
    ...(error.stack === undefined ? {} : { stack: kept(error.stack) }),
    ...(error.cause === undefined
      ? {}
      : { cause: kept(error.cause instanceof Error ? error.cause.message : String(error.cause)) }),
  }
}

/** How much a report keeps of one text, in characters: a runtime may have printed megabytes. */
const keptCharacters = 16_384

function kept(text: string): string {
  return beginningOf(text, keptCharacters)
}

function show(value: unknown): string {
  if (typeof value === 'string') return kept(value)
  return kept(
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}` : inner), 2) ??
      String(value),
  )
}
