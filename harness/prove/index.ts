/**
 * Proves tests: runs those that have to notice a fault on a runtime which has it, and writes down which did. A fault
 * that nobody notices is a defect of the suites.
 */
export { describeMatrix } from './matrix.ts'
export { type FaultRecord, type Proof, ProofError, readProof, type Verdict } from './proof.ts'
export { ProofBrokenError, type ProveListener, type ProveRequest, prove } from './prove.ts'
export { type AreaSummary, type ProofSummary, summarize } from './summary.ts'
