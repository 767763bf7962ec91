/**
 * Launches a run: the planned suites, in a worker of their own, on the runtimes under test. What comes back are the
 * reports of the tests; making something readable of them is for `report`.
 */

export { followRun, type RunEnd, type RunListener } from './follow-run.ts'
export { withImporter } from './import-modules.ts'
export {
  type LoadedSuites,
  loadSuites,
  SuitesModuleError,
  type SuitesSource,
  shippedModule,
} from './load-suites.ts'
export { longestSilenceMs, plannedSuites } from './planned-tests.ts'
export { SuitesWorker } from './suites-worker.ts'
