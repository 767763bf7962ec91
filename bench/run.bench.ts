import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { programPath } from '../harness/host/index.ts'
import { readResults } from '../harness/report/index.ts'
import { median, report } from './figure.ts'
import { openPlace } from './place.ts'

/** Runs the command, and looks meanwhile how much memory its worker takes at most, in MB. */
async function run(output: string, ...words: readonly string[]) {
  const startedAt = Date.now()
  const child = spawn(
    process.execPath,
    [programPath('harness/cli/main.js'), 'run', '--runtime', 'runc', '--output', output, ...words],
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

test('from the start of the command to its first container', async (context) => {
  await using place = await openPlace()
  const times: number[] = []
  for (let round = 0; round < 7; round += 1) {
    const { startedAt, results } = await run(place.directory, 'create/create-does-not-run-the-program')
    const first = Math.min(
      ...results.tests.flatMap(({ commands }) => (commands ?? []).map((command) => command.startedAt)),
    )
    times.push(first - startedAt)
  }
  report(context, {
    name: 'start of run to its first container',
    value: median(times),
    unit: 'ms',
    target: 700,
  })
})

test('the whole suite', async (context) => {
  await using place = await openPlace()
  const { memory, results } = await run(place.directory)
  const sum = (of: 'runtimeMs' | 'durationMs') => results.tests.reduce((total, each) => total + each[of], 0)
  const [runtime, duration] = [sum('runtimeMs'), sum('durationMs')]
  report(context, {
    name: "the whole suite, of the sum of its runtime's commands",
    value: results.wallMs / runtime,
    unit: 'ratio',
    target: 0.65,
    medians: { subject: results.wallMs, floor: runtime },
  })
  report(context, {
    name: "the harness's share of the time of all tests",
    value: (duration - runtime) / duration,
    unit: 'ratio',
    target: 0.25,
    medians: { subject: duration - runtime, floor: duration },
  })
  report(context, { name: 'memory of the worker', value: memory, unit: 'MB', target: 250 })
})
