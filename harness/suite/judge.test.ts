import { expect, test } from 'vitest'
import { RuntimeError } from '../runtime/index.ts'
import { ControlFailedError, NothingObservedError, TestDeadlineError } from './broken.ts'
import { judge } from './judge.ts'

const deviation = {
  test: 'delete/refuses',
  runtime: 'runc',
  versions: '*',
  reason: 'kills it instead',
  link: 'https://example.org/1774',
}

const failedExpectation = Object.assign(new Error('expected 1 to be 2'), { name: 'AssertionError' })
const runtimeExit = Object.assign(new Error('runc exited with 1'), { code: 'RUNTIME_EXITED' })
const hungRuntime = Object.assign(new Error('runc did not end in time'), { code: 'RUNTIME_TIMED_OUT' })
const lostEnd = new RuntimeError({
  ...{ verb: 'state', reproduction: ['runc', 'state', 'x'], program: 'runc', workingDirectory: '/' },
  ...{ stdout: '', stderr: 'no such container', log: [], problem: { kind: 'unknown' } },
})

test('a body that returns passes', () => {
  expect(judge({ kind: 'returned' }, undefined)).toEqual({ outcome: 'pass' })
})

test('a body that returns in spite of a recorded deviation makes the record stale', () => {
  expect(judge({ kind: 'returned' }, deviation)).toMatchObject({
    outcome: 'fixed',
    reason: expect.stringContaining('https://example.org/1774'),
  })
})

test.each([
  ['a failed expectation', failedExpectation],
  ['an error exit of the runtime', runtimeExit],
])('%s fails, or is a deviation where one is recorded', (_what, error) => {
  expect(judge({ kind: 'threw', error }, undefined)).toMatchObject({ outcome: 'fail', error })
  expect(judge({ kind: 'threw', error }, deviation)).toMatchObject({
    outcome: 'deviation',
    reason: 'kills it instead (https://example.org/1774)',
  })
})

test.each([
  ['a failed positive control', new ControlFailedError('it could not be shown')],
  ['an observation that never came', new NothingObservedError('no report')],
  ['a missed deadline', new TestDeadlineError('30 s')],
  ['a runtime that hung', hungRuntime],
  ['an end that was lost to the harness', lostEnd],
  ['a mistake in the test', new TypeError('undefined is not a function')],
  ['something thrown that is no error', 'oops'],
])('%s is broken, whether a deviation is recorded or not', (_what, error) => {
  expect(judge({ kind: 'threw', error }, undefined).outcome).toBe('broken')
  expect(judge({ kind: 'threw', error }, deviation).outcome).toBe('broken')
})
