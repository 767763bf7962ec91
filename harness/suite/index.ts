/**
 * What a suite is: tests declared as data, what they cover and need, how their end is judged, and how they are
 * bound to an injected test function. Loads no vitest; its types are the only thing taken from there.
 */
import './vitest-types.ts'

export { CannotJudgeError, ControlFailedError, NothingObservedError, TestDeadlineError } from './broken.ts'
export type { SuiteBundles, TestContext } from './context.ts'
export { unknownCoverage } from './coverage.ts'
export {
  type DeclareTest,
  defaultTestTimeoutMs,
  type SuiteDeclaration,
  suite,
  type TestBody,
  type TestDeclaration,
  TestDeclarationError,
  type TestOptions,
  testId,
} from './declaration.ts'
export { describeResolved, describeRuntime } from './describe-runtime.ts'
export {
  checkDeviations,
  type Deviation,
  DeviationsError,
  findDeviation,
  parseDeviations,
} from './deviation.ts'
export type { RuntimeUnderTest, SuiteEnvironment } from './environment.ts'
export type { DecidingCommand, Evidence, EvidenceBundle } from './evidence.ts'
export { type Check, takeFailureOf } from './expectation.ts'
export { matchers } from './matchers.ts'
export { firstUnmetNeed, type Need } from './need.ts'
export { type EnvironmentParts, openEnvironment } from './open-environment.ts'
export { isRed, type Outcome, outcomes } from './outcome.ts'
export { type RunnerContext, type RunnerTest, registerSuites } from './register.ts'
export {
  CatalogueError,
  parseCatalogue,
  type Requirement,
  requirementLevels,
  specificationUrl,
} from './requirement.ts'
export { mostMs, runTest, type TestEnd, type TestRunner } from './run-test.ts'
export { type Shard, selectTests, shardTests, UnknownSelectionError } from './selection.ts'
export { tooNewFor } from './specification-version.ts'
export { type ReportedCommand, type ReportedError, type TestReport, testReportSchema } from './test-report.ts'
