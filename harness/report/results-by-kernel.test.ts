import { describe, expect, test } from 'vitest'
import { gatherPageData } from './html/gather-page-data.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'
import { parseResults, ResultsError } from './read-results.ts'
import { recordFailures } from './record-failures.ts'
import { failedWith, reportWith, requirementWith, resultsOf } from './report.fixture.ts'
import type { Results } from './results.ts'
import { resultsByKernel } from './results-by-kernel.ts'

const catalogue = new Map([['kill-sends-signal', requirementWith()]])

/** What a guest with this kernel wrote. */
function onKernel(kernel: string, ...[tests, changes]: Parameters<typeof resultsOf>) {
  const machineOptions = ['--vm', '--kernel', kernel, '--user', 'alice']
  const facts = { kernel, arch: 'x64', cgroup: 'v2', rootless: false, cpus: 2 } as const
  const host = { ...facts, machine: 'QEMU 7.2', machineOptions }
  const written = JSON.stringify(resultsOf(tests, { catalogue, host, ...changes }))
  return { kernel, directory: `kernel-${kernel}`, results: parseResults(written, kernel) }
}

const red = failedWith({ artifacts: 'artifacts/runc/kill/kill-delivers' })
const both: Results = resultsByKernel([onKernel('6.1.0-9', [red]), onKernel('6.12.3', [reportWith()])])

describe('results of several kernels', () => {
  test('have every runtime once for each, with the host it ran on', () => {
    expect(both.runtimes.map(({ name, host }) => [name, host?.kernel])).toEqual([
      ['runc on 6.1.0-9', '6.1.0-9'],
      ['runc on 6.12.3', '6.12.3'],
    ])
    expect(both.tests.map(({ runtime, outcome }) => [runtime, outcome])).toEqual([
      ['runc on 6.1.0-9', 'fail'],
      ['runc on 6.12.3', 'pass'],
    ])
    expect(both.requirements.map(({ runtime, verdict }) => [runtime, verdict])).toEqual([
      ['runc on 6.1.0-9', 'violated'],
      ['runc on 6.12.3', 'met'],
    ])
    expect(both).toMatchObject({ planned: 2, wallMs: 2000, totals: { pass: 1, fail: 1 } })
  })

  test('are results like any others', () => {
    expect(parseResults(JSON.stringify(both), 'both')).toEqual(JSON.parse(JSON.stringify(both)))
  })

  test('lead to the files of red tests where each guest has written them', () => {
    expect(both.tests[0]?.artifacts).toBe('kernel-6.1.0-9/artifacts/runc/kill/kill-delivers')
  })

  test('say on which kernel something went wrong outside any test, and that tests are missing', () => {
    const lost = onKernel('6.12.3', [], { errors: ['it panicked'], planned: 1 })
    const merged = resultsByKernel([onKernel('6.1.0-9', [reportWith()]), lost])
    expect(merged.errors).toEqual(['on 6.12.3: it panicked'])
    expect(merged).toMatchObject({ planned: 2, totals: { pass: 1 } })
    expect(merged.requirements.map(({ verdict }) => verdict)).toEqual(['met', 'untested'])
  })

  test('of a shard are that shard', () => {
    const shard = { index: 1, total: 2 }
    const parts = ['6.1.0-9', '6.12.3'].map((kernel) => onKernel(kernel, [reportWith()], { shard }))
    expect(resultsByKernel(parts).shard).toEqual(shard)
  })

  test('cannot be two of one kernel', () => {
    const part = onKernel('6.1.0-9', [reportWith()])
    expect(() => resultsByKernel([part, part])).toThrow(ResultsError)
  })
})

describe('reports of several kernels', () => {
  test('name both kernels for the whole, and its own in each column', () => {
    expect(gatherPageData(both, catalogue)).toMatchObject({
      host: 'Linux 6.1.0-9 and 6.12.3, x64, 2 CPUs, cgroup v2, QEMU 7.2',
      runtimes: [{ name: 'runc on 6.1.0-9' }, { name: 'runc on 6.12.3' }],
    })
    expect(markdownReport(both, catalogue)).toContain('| runc 1.1.5 on 6.12.3 | 1 |')
    expect(junitReport(both).match(/hostname="[^"]+"/g)).toEqual([
      'hostname="x64-6.1.0-9"',
      'hostname="x64-6.12.3"',
    ])
  })

  test('tell how to see a failure again on its kernel', () => {
    const again = 'runwright run kill/kill-delivers --runtime runc --vm --kernel 6.1.0-9 --user alice'
    expect(markdownReport(both, catalogue)).toContain(`${again}\n`)
    expect(junitReport(both)).toContain(`again: ${again}\n`)
  })

  test('keep the record of what is fixed on one kernel and still deviates on another', () => {
    const ended = (outcome: 'fixed' | 'deviation') => [reportWith({ outcome, reason: 'known' })]
    const known = { test: 'kill/kill-delivers', runtime: 'runc', versions: '*', reason: 'known' }
    const record = (...outcomes: readonly ('fixed' | 'deviation')[]) =>
      recordFailures(
        resultsByKernel(outcomes.map((outcome, minor) => onKernel(`6.${minor}`, ended(outcome)))),
        [known],
      )
    expect(record('deviation', 'fixed')).toEqual([known])
    expect(record('fixed', 'fixed')).toEqual([])
  })
})
