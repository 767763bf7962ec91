import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { findProgram, programPath } from '../harness/host/index.ts'
import { type Results, readResults } from '../harness/report/index.ts'
import { type Figure, median, report, steadily } from './figure.ts'
import { openPlace } from './place.ts'
import { purpose } from './reference.ts'

/** Runs the command, and looks meanwhile how much memory its worker takes at most, in MB. */
async function run(output: string, runtime: string, ...words: readonly string[]) {
  const startedAt = Date.now()
  const child = spawn(
    process.execPath,
    [programPath('harness/cli/main.js'), 'run', '--runtime', runtime, '--output', output, ...words],
    { stdio: 'ignore' },
  )
  let memory = 0
  const look = setInterval(() => {
    memory = Math.max(memory, ...childrenOf(child.pid ?? 0).map(peakOf))
  }, 200)
  await once(child, 'exit')
  clearInterval(look)
  return { startedAt, memory, results: await readResults(join(output, 'results.json')) }
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** The most memory that a process has had resident, in MB: proc_pid_status(5). */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** A runtime that writes down when it is told to create, and then is runc. */
function notingRuntime(directory: string): { readonly program: string; readonly times: string } {
  const [program, times] = [join(directory, 'runc'), join(directory, 'times')]
  const script = `case " $* " in *" create "*) date +%s.%N >>'${times}';; esac\nexec '${findProgram('runc')}' "$@"`
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return { program, times }
}

test.skipIf(purpose === 'guard')('from the start of the command to its first container', async (context) => {
  await using place = await openPlace()
  const { program, times } = notingRuntime(place.directory)
  const found: number[] = []
  for (let round = 0; round < 7; round += 1) {
    rmSync(times, { force: true })
    const { startedAt } = await run(place.directory, program, 'create/create-does-not-run-the-program')
    const [first = ''] = readFileSync(times, 'utf8').split('\n')
    found.push(Number(first) * 1000 - startedAt)
  }
  report(context, {
    name: 'start of run to its first container',
    value: median(found),
    unit: 'ms',
    target: 700,
  })
})

function sumOf(tests: Results['tests'], time: 'runtimeMs' | 'durationMs'): number {
  return tests.reduce((total, test) => total + test[time], 0)
}

/** What the harness adds to the commands of a run. */
function shareOf(tests: string, results: Results): Figure {
  const [runtime, duration] = [sumOf(results.tests, 'runtimeMs'), sumOf(results.tests, 'durationMs')]
  return {
    name: `the harness's share of the time of ${tests} tests`,
    value: (duration - runtime) / duration,
    unit: 'ratio',
    target: 0.25,
    medians: { subject: duration - runtime, floor: duration },
  }
}

/** Suites that take a guard a few seconds. */
const someSuites = ['process', 'exec', 'capabilities', 'rlimits', 'create', 'kill'] as const

test('a part of the suite', async (context) => {
  await using place = await openPlace()
  const share = await steadily(async () => {
    const { results } = await run(place.directory, 'runc', ...someSuites)
    return shareOf('some', results)
  })
  report(context, share)
})

test.skipIf(purpose === 'guard')('the whole suite', async (context) => {
  await using place = await openPlace()
  const { memory, results } = await run(place.directory, 'runc')
  const runtime = sumOf(results.tests, 'runtimeMs')
  report(context, {
    name: "the whole suite, of the sum of its runtime's commands",
    value: results.wallMs / runtime,
    unit: 'ratio',
    target: 0.65,
    medians: { subject: results.wallMs, floor: runtime },
  })
  report(context, shareOf('all', results))
  report(context, { name: 'memory of the worker', value: memory, unit: 'MB', target: 250 })
})
