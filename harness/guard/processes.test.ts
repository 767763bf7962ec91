import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { identifyProcess, isProcessAlive, until } from '../host/index.ts'
import { Deadline } from './deadline.ts'
import { commandsOf, endProcesses, isMarked, isRootedIn, markVariable, withDescendants } from './processes.ts'

const session = { id: 'abcdefghij', directory: '/run/runwright/abcdefghij' }

describe('an environment', () => {
  test.each([
    ['PATH=/bin\0RUNWRIGHT_COMMAND_OF=abcdefghij\0', true],
    ['_LIBCONTAINER_STATEDIR=/run/runwright/abcdefghij/runtime-1/root/x', true],
    ['RUNWRIGHT_COMMAND_OF=abcdefghijk', false],
    ['XRUNWRIGHT_COMMAND_OF=abcdefghij', false],
    ['_LIBCONTAINER_STATEDIR=/run/runwright/abcdefghijk/x', false],
    ['OLDPWD=/run/runwright/abcdefghij/runtime-1', false],
    ['', false],
  ])('%j marks a command of the session: %s', (environment, marked) => {
    expect(isMarked(environment, session)).toBe(marked)
  })
})

test.each([
  ['runsc-sandbox\0--root=/run/runwright/abcdefghij/runtime-1-1/root\0boot', true],
  ['runsc\0--root=/run/runwright/abcdefghijk/runtime-1-1/root', false],
  ['vi\0/run/runwright/abcdefghij/session.json', false],
  ['', false],
])('the command line %j is rooted in the session: %s', (commandLine, rooted) => {
  expect(isRootedIn(commandLine, session)).toBe(rooted)
})

test('a process without the mark is found by its runtime root', async () => {
  const rooted = { id: 'zzzzzzzzzz', directory: '/nowhere/zzzzzzzzzz' }
  const words = ['-c', 'read line', 'sh', `--root=${rooted.directory}/root`]
  const command = spawn('sh', words, { stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = once(command, 'exit')
  try {
    const found = commandsOf(rooted)
    expect(found.map(({ pid }) => pid)).toEqual([command.pid])
    await endProcesses(found, new Deadline(5000))
    expect(await ended).toEqual([null, 'SIGKILL'])
  } finally {
    command.kill('SIGKILL')
  }
})

describe('descendants', () => {
  const processes = [
    { pid: 2, parent: 1 },
    { pid: 3, parent: 2 },
    { pid: 4, parent: 3 },
    { pid: 5, parent: 1 },
  ]

  test('of any generation are found, others not', () => {
    expect(withDescendants([2], processes, 99).sort()).toEqual([2, 3, 4])
  })

  test('never include this process nor, through it, its children', () => {
    expect(withDescendants([2, 3], processes, 3)).toEqual([2])
  })

  test('are finite in a list that was read while it changed', () => {
    const circle = [
      { pid: 2, parent: 3 },
      { pid: 3, parent: 2 },
    ]
    expect(withDescendants([2], circle, 99).sort()).toEqual([2, 3])
  })
})

test('a command and what it started are found by the mark, and killed', async () => {
  const marked = { id: 'zzzzzzzzzz', directory: '/nowhere/zzzzzzzzzz' }
  // The inner process drops the mark: only its parent tells whose it is.
  const command = spawn('sh', ['-c', `env -u ${markVariable} sleep 1000 & wait`], {
    env: { ...process.env, [markVariable]: marked.id },
    stdio: 'ignore',
  })
  const other = spawn('sleep', ['1000'], { stdio: 'ignore' })
  try {
    const ended = once(command, 'exit')
    const found = await until(
      () => {
        const processes = commandsOf(marked)
        return processes.length === 2 && processes
      },
      { timeoutMs: 5000, what: 'both processes to start' },
    )
    expect(found.map(({ pid }) => pid)).toContain(command.pid)
    expect(await endProcesses(found, new Deadline(5000))).toEqual([])
    expect(await ended).toEqual([null, 'SIGKILL'])
    expect(found.some(isProcessAlive)).toBe(false)
    expect(identifyProcess(other.pid ?? 0)).toBeDefined()
  } finally {
    command.kill('SIGKILL')
    other.kill('SIGKILL')
  }
})
