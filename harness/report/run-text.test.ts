import { describe, expect, test } from 'vitest'
import { noPaint } from './paint.ts'
import { failedWith, reportWith, requirementWith, resultsOf } from './report.fixture.ts'
import { describeRun } from './run-text.ts'

const requirement = requirementWith()
const quiet = { paint: noPaint, width: Number.POSITIVE_INFINITY, verbose: false }
const catalogue = new Map([[requirement.id, requirement]])

describe('a failed test', () => {
  const text = describeRun(resultsOf([failedWith()]), catalogue, quiet)

  test('is shown with what the specification says and where', () => {
    expect(text).toContain('FAIL  kill/kill-delivers  (runc)')
    expect(text).toContain('MUST: Kill delivers exactly the asked signal.')
    expect(text).toContain('runtime-spec/blob/main/runtime.md#kill')
  })

  test('is shown with what happened, free of escape sequences', () => {
    expect(text).toContain('expected exit code 0, got 1\n    stderr: "no"')
    expect(text).not.toContain('\u001b')
  })

  test('is shown with what the runtime said of itself, once', () => {
    expect(text).toContain('    runc says: signal refused')
    const error = { name: 'RuntimeError', message: 'runc kill failed: signal refused' }
    expect(describeRun(resultsOf([failedWith({ error })]), catalogue, quiet)).not.toContain('says')
  })

  test('is shown with both sides of a comparison that its message does not hold', () => {
    const error = {
      name: 'AssertionError',
      message: 'expected lists to be equal',
      expected: 'a\nb',
      actual: 'c',
    }
    const shown = describeRun(resultsOf([failedWith({ error })]), catalogue, quiet)
    expect(shown).toContain('    expected:\n      a\n      b\n    actual: c')
    expect(text).not.toContain('expected: 0')
  })

  test('is laid out for the width of the terminal', () => {
    const narrow = describeRun(resultsOf([failedWith()]), catalogue, { ...quiet, width: 30 })
    expect(narrow).toContain('  MUST: Kill delivers\n    exactly the asked signal.')
  })

  test('of your own is shown with the place in your code, and repeated with your module', () => {
    const stack = 'TypeError: no\n    at /x/node_modules/y/z.js:1:1\n    at body (/home/me/mine.ts:9:21)\n'
    const error = { name: 'TypeError', message: 'no', stack }
    const own = failedWith({ error, module: 'my suites/mine.ts' })
    const shown = describeRun(resultsOf([own]), catalogue, quiet)
    expect(shown).toContain('    no\n    at /home/me/mine.ts:9:21\n')
    expect(shown).toContain("run kill/kill-delivers --suites 'my suites/mine.ts' --runtime runc --keep")
    const shipped = failedWith({ error })
    expect(describeRun(resultsOf([shipped]), catalogue, quiet)).not.toContain('mine.ts')
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
  const text = describeRun(results, catalogue, quiet)
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
  expect(describeRun(results, catalogue, quiet)).not.toContain('no cgroup')
  const verbose = describeRun(results, catalogue, { ...quiet, verbose: true })
  expect(verbose).toContain('skipped 2: no cgroup')
  expect(verbose).toContain('deviation  kill/kill-delivers  (runc): as recorded')
})
