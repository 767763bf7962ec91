import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identifyProcess, isProcessAlive, until } from './index.ts'
import { type ProgramRequest, startProgram } from './program.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-program-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

function request(argv: readonly string[], more: Partial<ProgramRequest> = {}): ProgramRequest {
  return {
    argv,
    workingDirectory: '/',
    environment: process.env,
    descriptors: ['ignore', 'ignore', 'ignore'],
    graceMs: 1_000,
    signals: [],
    ...more,
  }
}

async function run(argv: readonly string[], more: Partial<ProgramRequest> = {}) {
  return await startProgram(request(argv, more)).ended
}

function writtenTo(name: string): string {
  try {
    return readFileSync(join(directory, name), 'utf8')
  } catch {
    return ''
  }
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
}

function sh(script: string): readonly string[] {
  return ['/bin/sh', '-c', script]
}

describe('how a program ended', () => {
  test.each([0, 1, 42, 255])('exit code %i', async (exitCode) => {
    expect(await run(sh(`exit ${exitCode}`))).toEqual({ kind: 'exited', exitCode })
  })

  test('by a signal', async () => {
    expect(await run(sh('kill -SEGV $$'))).toMatchObject({ kind: 'signaled', signal: 'SIGSEGV' })
  })

  test('it leads a process group of its own', async () => {
    const output = openSync(join(directory, 'out'), 'wx')
    await run(sh('ps -o pid=,pgid= -p $$'), { descriptors: ['ignore', output, 'ignore'] })
    closeSync(output)
    const [pid, group] = readFileSync(join(directory, 'out'), 'utf8').trim().split(/\s+/)
    expect(group).toBe(pid)
  })

  test('a descendant that holds its output does not hold up the end', async () => {
    const output = openSync(join(directory, 'out'), 'wx')
    const program = startProgram(
      request(sh('sleep 60 & echo $!'), { descriptors: ['ignore', output, output] }),
    )
    expect(await program.ended).toEqual({ kind: 'exited', exitCode: 0 })
    closeSync(output)
    const holder = Number(readFileSync(join(directory, 'out'), 'utf8'))
    expect(identifyProcess(holder)).toBeDefined()
    process.kill(holder, 'SIGKILL')
  })
})

describe('a program that cannot be started', () => {
  test.each([
    ['is missing', '/no/such/program', /is not there/],
    ['is a directory', '/tmp', /may not be executed/],
    ['has a NUL in its name', 'a\0b', /NUL byte/],
  ])('%s', async (_what, program, reason) => {
    expect(await run([program])).toEqual(
      expect.objectContaining({ kind: 'not-started', reason: expect.stringMatching(reason) }),
    )
  })

  test('is not blamed for a missing working directory', async () => {
    expect(await run(['/bin/true'], { workingDirectory: '/no/such' })).toEqual(
      expect.objectContaining({ reason: expect.stringContaining('no directory /no/such') }),
    )
  })

  test('is no program for this machine', async () => {
    const file = join(directory, 'broken')
    writeFileSync(file, '\x7fELF and nothing else', { mode: 0o755 })
    expect((await run([file])).kind).not.toBe('timed-out')
  })
})

describe('stopping', () => {
  test.each([
    ['a child in a session of its own', `setsid sh -c 'echo $$ > pid; exec sleep 60' & wait`],
    ['an orphan in its process group', `sh -c 'sh -c "echo \\$\\$ > pid; exec sleep 60" &'; exec sleep 60`],
  ])('takes %s along', async (_what, script) => {
    const controller = new AbortController()
    const program = startProgram(
      request(sh(script), { workingDirectory: directory, signals: [controller.signal] }),
    )
    const other = await until(
      () => {
        const identity = identifyProcess(Number(writtenTo('pid')))
        return identity !== undefined && nameOf(identity.pid) === 'sleep' && identity
      },
      { timeoutMs: 5_000, what: 'the other process to start' },
    )
    expect(other.pid).not.toBe(await program.started)
    controller.abort()
    expect((await program.ended).kind).toBe('aborted')
    await until(() => !isProcessAlive(other), { timeoutMs: 2_000, what: 'the other process to end' })
  })

  test('at the time limit', async () => {
    expect(await run(['sleep', '60'], { timeoutMs: 50 })).toEqual({ kind: 'timed-out', timeoutMs: 50 })
  })

  test('by SIGKILL when SIGTERM is ignored', async () => {
    const program = startProgram(
      request(sh(`trap '' TERM; sleep 60; sleep 60`), { timeoutMs: 200, graceMs: 100 }),
    )
    const identity = identifyProcess((await program.started) ?? 0)
    expect(await program.ended).toEqual({ kind: 'timed-out', timeoutMs: 200 })
    expect(identity !== undefined && isProcessAlive(identity)).toBe(false)
  })

  test('on an abort signal, whose reason is kept', async () => {
    const controller = new AbortController()
    const program = startProgram(request(['sleep', '60'], { signals: [controller.signal] }))
    controller.abort('enough')
    expect(await program.ended).toEqual({ kind: 'aborted', cause: 'enough' })
  })

  test('nothing is started for a signal that has fired', async () => {
    const end = await run(sh('touch started'), {
      workingDirectory: directory,
      signals: [AbortSignal.abort('early')],
    })
    expect(end).toEqual({ kind: 'aborted', cause: 'early' })
    expect(() => readFileSync(join(directory, 'started'))).toThrow(/ENOENT/)
  })

  test('when it has become too much', async () => {
    expect(await run(['sleep', '60'], { isTooMuch: () => true })).toEqual({ kind: 'too-much' })
  })

  test('on request; a second request changes nothing', async () => {
    const program = startProgram(request(['sleep', '60']))
    program.stop()
    program.stop()
    expect(await program.ended).toEqual({ kind: 'stopped' })
  })

  test('after the end it changes nothing', async () => {
    const program = startProgram(request(['true']))
    expect(await program.ended).toEqual({ kind: 'exited', exitCode: 0 })
    program.stop()
    expect(await program.ended).toEqual({ kind: 'exited', exitCode: 0 })
  })
})
