import type { HostFacts } from '../host/index.ts'
import type { Requirement, RuntimeUnderTest, TestReport } from '../suite/index.ts'
import { buildResults, type Results, type RunFacts } from './results.ts'

/** A requirement, with what a test says about it changed. */
export function requirementWith(changes: Partial<Requirement> = {}): Requirement {
  return {
    id: 'kill-sends-signal',
    level: 'MUST',
    since: '1.0',
    file: 'runtime.md',
    anchor: 'kill',
    subject: 'runtime',
    area: 'lifecycle',
    statement: 'Kill delivers exactly the asked signal.',
    observable: 'black-box',
    probe: 'send one',
    kind: 'rfc2119',
    ...changes,
  }
}

/** The report of a test that passed, with what a test says about it changed. */
export function reportWith(changes: Partial<TestReport> = {}): TestReport {
  return {
    id: 'kill/kill-delivers',
    suite: 'kill',
    title: 'kill delivers',
    runtime: 'runc',
    outcome: 'pass',
    covers: ['kill-sends-signal'],
    durationMs: 100,
    runtimeMs: 80,
    containers: 1,
    ...changes,
  }
}

const runtime: RuntimeUnderTest = {
  name: 'runc',
  command: '/usr/bin/runc',
  profile: 'runc',
  version: '1.1.5',
  specVersion: '1.0.2-dev',
  lacks: [],
  leaves: [],
}

const host: HostFacts = { kernel: '6.1.0', arch: 'amd64', cgroup: 'v2', rootless: false, cpus: 2 }

/** The results of a run of these tests. */
export function resultsOf(tests: readonly TestReport[], changes: Partial<RunFacts> = {}): Results {
  const requirement = requirementWith()
  return buildResults({
    runwright: '0.1.0',
    startedAt: '2026-01-01T00:00:00.000Z',
    wallMs: 1000,
    host,
    runtimes: [runtime],
    catalogue: new Map([[requirement.id, requirement]]),
    tests,
    leaks: [],
    errors: [],
    planned: tests.length,
    ...changes,
  })
}
