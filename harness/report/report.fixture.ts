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

const command = {
  verb: 'kill',
  argv: ['/usr/bin/runc', '--log', '/tmp/log', 'kill', 'a b', '15'],
  reproduction: ['/usr/bin/runc', 'kill', 'a b', '15'],
  workingDirectory: '/',
  exitCode: 1,
  signal: undefined,
  stdout: '',
  stderr: 'no',
  log: [{ level: 'error', message: 'signal refused', time: undefined }],
  startedAt: 0,
  durationMs: 5,
  timedOut: false,
}

/** The report of a test that failed after one command, with what a test says about it changed. */
export function failedWith(changes: Partial<TestReport> = {}): TestReport {
  return reportWith({
    outcome: 'fail',
    error: {
      name: 'AssertionError',
      message: 'expected exit code 0, got 1\n\u001b[2Jstderr: "no"',
      expected: '0',
      actual: '1',
    },
    commands: [command],
    ...changes,
  })
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

/** Text that tries to be markup, a directive, an escape sequence and no text at all. */
export const hostile =
  '</script><img src=x onerror="document.title=\'owned\'"> ]]> # SKIP \\ ``` @everyone | \u2028\u0000\u001b[31m\ud800 &amp; \n  ...\nnot ok 9'

/** Results in which every outcome occurs, with hostile texts wherever a runtime or container can put one. */
export function mixedResults(): Results {
  return resultsOf(
    [
      reportWith(),
      failedWith({ id: 'kill/fails', title: `fails ${hostile}` }),
      failedWith({
        id: 'kill/explains',
        title: 'explains',
        error: {
          name: 'AssertionError',
          message: hostile,
          expected: hostile,
          actual: hostile,
          cause: hostile,
        },
        commands: [{ ...command, reproduction: ['runc', hostile], stdout: hostile, stderr: hostile }],
      }),
      reportWith({ id: 'kill/breaks', title: 'breaks', outcome: 'broken', reason: `no report ${hostile}` }),
      reportWith({
        id: 'kill/deviates',
        title: 'deviates',
        outcome: 'deviation',
        reason: `known ${hostile}`,
      }),
      reportWith({ id: 'kill/mended', title: 'mended', outcome: 'fixed', reason: `stale ${hostile}` }),
      reportWith({
        id: 'state/skips',
        suite: 'state',
        title: 'skips',
        outcome: 'skip',
        reason: `no cgroup ${hostile}`,
      }),
    ],
    { leaks: [{ kind: 'mount', what: hostile }], errors: [hostile], planned: 8 },
  )
}
