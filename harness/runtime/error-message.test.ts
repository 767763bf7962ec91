import { describe, expect, test } from 'vitest'
import { type CommandFailure, type CommandProblem, describeFailure } from './error-message.ts'

const exited: CommandFailure = {
  problem: { kind: 'exited', exitCode: 1 },
  verb: 'create',
  program: 'runc',
  reproduction: ['/usr/sbin/runc', '--root', '/run/a b', 'create', 'x'],
  workingDirectory: '/tmp',
  stdout: '',
  stderr: 'something went wrong\n',
  log: [
    { level: 'warning', message: 'odd', time: undefined },
    { level: 'error', message: 'container with given ID already exists', time: undefined },
  ],
}

describe('describeFailure', () => {
  test('tells what was asked, how it ended, the cause, and the command to paste', () => {
    expect(describeFailure(exited)).toBe(
      [
        'runc create failed with exit code 1: container with given ID already exists',
        "  command: /usr/sbin/runc --root '/run/a b' create x",
        '  in: /tmp',
        '  stderr: something went wrong',
        '  log:',
        '    warning: odd',
        '    error: container with given ID already exists',
      ].join('\n'),
    )
  })

  test('takes the last line of stderr for the cause when the log has none', () => {
    expect(describeFailure({ ...exited, log: [], stderr: 'first\nlast\n\n' })).toMatch(/exit code 1: last\n/)
  })

  test('says nothing about a cause nobody gave', () => {
    expect(describeFailure({ ...exited, log: [], stderr: '' }).split('\n')[0]).toBe(
      'runc create failed with exit code 1',
    )
  })

  const ends: readonly (readonly [CommandProblem, string])[] = [
    [{ kind: 'signaled', signal: 'SIGSEGV' }, 'runc create was killed by SIGSEGV'],
    [{ kind: 'timed-out', timeoutMs: 250 }, 'runc create did not end within 250 ms and was stopped'],
    [{ kind: 'aborted' }, 'runc create was stopped on request'],
    [{ kind: 'not-started', reason: 'no such file' }, 'runc create could not be started: no such file'],
    [{ kind: 'output', expectation: 'wrote no pid file' }, 'runc create wrote no pid file'],
  ]
  test.each(ends)('%j', (problem, headline) => {
    expect(describeFailure({ ...exited, problem, stderr: '', log: [] }).split('\n')[0]).toBe(headline)
  })

  test('shows the end of long output, and says so', () => {
    const stderr = Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n')
    const text = describeFailure({ ...exited, log: [], stderr })
    expect(text).toContain('  stderr (its end):\n    line 80\n')
    expect(text).toContain('    line 99')
    expect(text).not.toContain('line 79')
  })

  test('a line of a megabyte does not make a message of a megabyte', () => {
    expect(describeFailure({ ...exited, log: [], stderr: 'x'.repeat(1_000_000) }).length).toBeLessThan(10_000)
  })

  test('tells what could not be cleaned up', () => {
    expect(describeFailure({ ...exited, leftover: 'container x' })).toContain('\n  left behind: container x')
  })
})
