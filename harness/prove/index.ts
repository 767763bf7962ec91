/**
 * Proves tests: runs those that have to notice a fault on a runtime which has it, and writes down which did. A fault
 * that nobody notices is a defect of the suites.
 */
export { describeMatrix } from './matrix.ts'
export type { FaultRecord, Proof, Verdict } from './proof.ts'
export { type ProveRequest, prove } from './prove.ts'
export { summarize } from './summary.ts'
