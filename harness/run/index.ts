/**
 * Launches a run: the planned suites, in a vitest worker, on the runtimes under test. What comes back are the
 * reports of the tests; making something readable of them is for `report`.
 */

export type { RunListener } from './collect-reports.ts'
export { withImporter } from './import-modules.ts'
export {
  type LoadedSuites,
  loadSuites,
  SuitesModuleError,
  type SuitesSource,
  shippedModule,
} from './load-suites.ts'
export { longestSilenceMs, plannedSuites } from './planned-tests.ts'
export { type RunEnd, runSuites } from './run-suites.ts'
