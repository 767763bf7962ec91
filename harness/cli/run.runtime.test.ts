import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { programPath } from '../host/index.ts'
import type { Results } from '../report/index.ts'

const isRoot = process.getuid?.() === 0
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'runwright-run-'))
})

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true })
})

/** Runs the command as a user does, and reads what it wrote. */
async function runwright(args: readonly string[], options: { readonly uid?: number } = {}) {
  return await execa(process.execPath, [programPath('harness/cli/main.js'), ...args], {
    reject: false,
    stdin: 'ignore',
    timeout: 120_000,
    env: { NO_COLOR: '1', HOME: scratch },
    ...options,
  })
}

async function resultsIn(directory: string): Promise<Results> {
  return JSON.parse(await readFile(join(directory, 'results.json'), 'utf8'))
}

describe.runIf(isRoot)('as root', () => {
  test.each(['/bin/true', '/bin/false'])('%s as a runtime passes no test', async (runtime) => {
    const output = join(scratch, runtime.slice(1))
    const { exitCode, stdout } = await runwright([
      'run',
      '--runtime',
      runtime,
      '--output',
      output,
      '--jobs',
      '8',
    ])
    expect(exitCode, stdout).toBe(1)
    const { totals, tests, planned } = await resultsIn(output)
    expect(totals).toMatchObject({ pass: 0, fixed: 0, deviation: 0 })
    expect(totals.fail + totals.broken).toBeGreaterThan(50)
    expect(tests).toHaveLength(planned)
  })

  test('a runtime that does not exist is no run, and the message says what to do', async () => {
    const { exitCode, stderr } = await runwright(['run', '--runtime', '/no/such'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('/no/such')
    expect(stderr).toContain('give the path of a runtime, or one of runc')
  })

  test('a suite that does not exist is no run, and the message says which there are', async () => {
    const { exitCode, stderr } = await runwright(['run', 'no-such-suite'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain("'no-such-suite'; the suites are lifecycle, create")
  })

  test('without privilege there is no run, and the message says what to do', async () => {
    const { exitCode, stderr } = await runwright(['run'], { uid: 65_534 })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('root')
  })

  test('one test of a real runtime passes, and results.json says so', async () => {
    const output = join(scratch, 'one')
    const id = 'lifecycle/whoever-creates-a-container-can-ask-for-its-state-start-kill-and-delete-it'
    const { exitCode, stdout, stderr } = await runwright(['run', id, '--output', output])
    expect(exitCode, stdout + stderr).toBe(0)
    const { tests, leaks, requirements } = await resultsIn(output)
    expect(tests.map((report) => `${report.id} ${report.outcome}`)).toEqual([`${id} pass`])
    expect(tests[0]?.containers).toBe(1)
    expect(leaks).toEqual([])
    expect(requirements.find((requirement) => requirement.id === 'operations-supported')?.verdict).toBe('met')
  })
})

test.skipIf(isRoot)('the command needs root: these tests were left out', () => {})
