import { describe, expect, test } from 'vitest'
import { type RunResult, RuntimeError } from '../runtime/index.ts'
import { takeFailureOf } from './expectation.ts'
import { judge } from './judge.ts'
import { matchers } from './matchers.ts'

expect.extend(matchers)

const ended: RunResult = {
  exitCode: 3,
  status: { kind: 'exited', code: 3 },
  stdout: 'out\n',
  stderr: 'container: no\n',
  log: [{ level: 'error', message: 'the runtime said this', time: undefined }],
  command: {
    verb: 'run',
    argv: ['/usr/bin/runc', '--log', '/private/log', 'run', 'a b'],
    reproduction: ['/usr/bin/runc', 'run', 'a b'],
    workingDirectory: '/',
    exitCode: 3,
    signal: undefined,
    stdout: '',
    stderr: '',
    log: [],
    startedAt: 0,
    durationMs: 1,
    timedOut: false,
  },
}
const killed: RunResult = {
  ...ended,
  exitCode: 137,
  status: { kind: 'signaled', signal: 'SIGKILL', coreDumped: false },
}

function failureOf(check: () => void): Error {
  try {
    check()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('the expectation held')
}

test.each([
  ['toHaveExited', () => expect(ended).toHaveExited(3), () => expect(ended).toHaveExited(0)],
  [
    'toHavePrinted, a text',
    () => expect(ended).toHavePrinted('out\n'),
    () => expect(ended).toHavePrinted('out'),
  ],
  [
    'toHavePrinted, a pattern',
    () => expect(ended).toHavePrinted(/^o/),
    () => expect(ended).toHavePrinted(/^u/),
  ],
  [
    'toHaveBeenKilledBy',
    () => expect(killed).toHaveBeenKilledBy('SIGKILL'),
    () => expect(ended).toHaveBeenKilledBy('SIGKILL'),
  ],
])('%s holds where it should, and its failure shows command, output and log', (_name, holds, fails) => {
  holds()
  const { message } = failureOf(fails)
  expect(message).toContain("command: /usr/bin/runc run 'a b'")
  expect(message).toContain('container: no')
  expect(message).toContain('the runtime said this')
})

test('a failed expectation of ours is an answer about the runtime', () => {
  const error = failureOf(() => expect(ended).toHaveExited(0))
  expect(judge({ kind: 'threw', error }, undefined).outcome).toBe('fail')
})

test('an end that nobody can tell makes the test broken, not failed', () => {
  const unknown: RunResult = { ...ended, exitCode: undefined, status: undefined }
  for (const check of [
    () => expect(unknown).toHaveExited(0),
    () => expect(unknown).toHaveBeenKilledBy('SIGKILL'),
  ])
    expect(judge({ kind: 'threw', error: failureOf(check) }, undefined).outcome).toBe('broken')
})

test('a matcher given something it cannot look at makes the test broken, not failed', () => {
  const error = failureOf(() => expect('out\n').toHavePrinted('out\n'))
  expect(error).toBeInstanceOf(TypeError)
  expect(judge({ kind: 'threw', error }, undefined).outcome).toBe('broken')
})

describe('toBeRefused', () => {
  const failure = {
    verb: 'start',
    reproduction: ['runc', 'start', 'x'],
    program: 'runc',
    workingDirectory: '/',
    stdout: '',
    stderr: 'no such container',
    log: [],
  }
  const refusal = new RuntimeError({ ...failure, problem: { kind: 'exited', exitCode: 1 } })
  const hang = new RuntimeError({ ...failure, problem: { kind: 'timed-out', timeoutMs: 5 } })
  const crash = new RuntimeError({ ...failure, problem: { kind: 'signaled', signal: 'SIGSEGV' } })

  test('holds for a call that ended with an error, however it was made', async () => {
    await expect(Promise.reject(refusal)).toBeRefused()
    await expect(Promise.resolve(ended)).toBeRefused()
  })

  test('fails for a call that was accepted', async () => {
    const accepted = Promise.resolve({ ...ended, exitCode: 0, status: { kind: 'exited' as const, code: 0 } })
    await expect(expect(accepted).toBeRefused()).rejects.toThrow(
      'expected the runtime to refuse, it accepted',
    )
    await expect(expect(Promise.resolve('a container')).toBeRefused()).rejects.toThrow('it accepted')
  })

  test('does not take a hang for a refusal', async () => {
    await expect(expect(Promise.reject(hang)).toBeRefused()).rejects.toBe(hang)
  })

  test('does not take a crash for a refusal', async () => {
    await expect(expect(Promise.reject(crash)).toBeRefused()).rejects.toBe(crash)
    await expect(expect(Promise.resolve(killed)).toBeRefused()).rejects.toThrow(
      'neither accepted nor refused',
    )
  })
})

test('what a matcher found wrong is noted for its task, in terms that a shell can look at', ({
  task,
  expect: own,
}) => {
  failureOf(() => own(ended).toHaveExited(0))
  own(takeFailureOf(task)).toMatchObject({
    check: { kind: 'exited', code: 0 },
    isNegated: false,
    command: { verb: 'run' },
    message: own.stringContaining('expected exit code 0, got 3'),
  })
  failureOf(() => own(ended).not.toHavePrinted('out\n'))
  own(takeFailureOf(task)).toMatchObject({ check: { kind: 'printed', text: 'out\n' }, isNegated: true })
})

test('an exit code that is not that of the command is not noted', ({ task, expect: own }) => {
  const waited = { ...ended, command: { ...ended.command, verb: 'create', exitCode: 0 } }
  failureOf(() => own(waited).toHaveExited(0))
  own(takeFailureOf(task)).toBeUndefined()
})
