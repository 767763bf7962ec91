// Faults, reports and records for tests, with only what they are about written out.
import { all, type Fault } from '../fault/index.ts'
import type { TestReport } from '../suite/index.ts'
import type { FaultRecord } from './proof.ts'

export function fault(members: Partial<Fault> = {}): Fault {
  return { id: 'fault', area: 'area', violates: ['it'], sentence: 'It is wrong.', effect: all(), ...members }
}

export function report(
  id: string,
  outcome: TestReport['outcome'],
  members: Partial<TestReport> = {},
): TestReport {
  return {
    id,
    suite: id.split('/')[0] ?? '',
    title: id,
    runtime: 'runc',
    outcome,
    covers: [],
    durationMs: 10,
    runtimeMs: 5,
    containers: 1,
    ...members,
  }
}

export function record(members: Partial<FaultRecord> = {}): FaultRecord {
  return {
    id: 'fault',
    area: 'area',
    sentence: 'It is wrong.',
    verdict: 'killed',
    breaksEverything: false,
    failed: [],
    disturbed: [],
    passed: [],
    unrelated: { ran: 0, red: [] },
    words: {},
    changes: 1,
    testMs: 1,
    ...members,
  }
}
