/**
 * The harness as a library: bundles, archives, the runtime driver, sessions, suites and their results. Loads no
 * vitest; tests import `runwright/vitest` beside it.
 */
export * from './archive/index.ts'
export * from './bundle/index.ts'
export * from './guard/index.ts'
export * from './host/index.ts'
export * from './probe/index.ts'
export * from './report/index.ts'
export * from './runtime/index.ts'
export * from './suite/index.ts'
