import { describe, expect, test } from 'vitest'
import { noPaint } from './paint.ts'
import { failedWith, reportWith, requirementWith, resultsOf } from './report.fixture.ts'
import { describeRun } from './run-text.ts'

const requirement = requirementWith()
const catalogue = new Map([[requirement.id, requirement]])

describe('a failed test', () => {
  const text = describeRun(resultsOf([failedWith()]), catalogue, noPaint, { verbose: false })

  test('is shown with what the specification says and where', () => {
    expect(text).toContain('FAIL  kill/kill-delivers  (runc)')
    expect(text).toContain('MUST: Kill delivers exactly the asked signal.')
    expect(text).toContain('runtime-spec/blob/main/runtime.md#kill')
  })

  test('is shown with what happened, free of escape sequences', () => {
    expect(text).toContain('expected exit code 0, got 1\n    stderr: "no"')
    expect(text).not.toContain('\u001b')
  })

  test('is shown with the commands to repeat it', () => {
    expect(text).toContain('runwright run kill/kill-delivers --runtime runc --keep')
    expect(text).toContain("/usr/bin/runc kill 'a b' 15   # exit 1")
  })
})

test('what was left behind, what went wrong outside and what is missing end the text', () => {
  const results = resultsOf([reportWith()], {
    leaks: [{ kind: 'cgroup', what: '/sys/fs/cgroup/x' }],
    errors: ['the worker died'],
    planned: 3,
  })
  const text = describeRun(results, catalogue, noPaint, { verbose: false })
  expect(text).toContain('left behind: cgroup /sys/fs/cgroup/x')
  expect(text).toContain('outside any test: the worker died')
  expect(text).toContain('3 tests were planned, 1 ran')
  expect(text).toContain('red: 1 pass')
})

test('reasons of skips and deviations are shown on demand', () => {
  const results = resultsOf([
    reportWith({ outcome: 'skip', reason: 'no cgroup' }),
    reportWith({ outcome: 'skip', reason: 'no cgroup' }),
    reportWith({ outcome: 'deviation', reason: 'as recorded' }),
  ])
  expect(describeRun(results, catalogue, noPaint, { verbose: false })).not.toContain('no cgroup')
  const verbose = describeRun(results, catalogue, noPaint, { verbose: true })
  expect(verbose).toContain('skipped 2: no cgroup')
  expect(verbose).toContain('deviation  kill/kill-delivers  (runc): as recorded')
})
