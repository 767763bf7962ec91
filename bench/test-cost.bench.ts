import { expect, test } from 'vitest'
import { Session } from '../harness/guard/index.ts'
import {
  describeRuntime,
  openEnvironment,
  type RunnerTest,
  registerSuites,
  suite,
  type TestReport,
} from '../harness/suite/index.ts'
import { median, report } from './figure.ts'

const tests = 60

/** Collects what is registered, to be run by hand: vitest's own time for a test is not the harness's. */
function collecting(bodies: (() => Promise<TestReport | undefined>)[]): RunnerTest {
  const register: RunnerTest = Object.assign(
    (...[title, _, body]: Parameters<RunnerTest>) => {
      bodies.push(async () => {
        const meta: { runwright?: TestReport } = {}
        const skip = (reason?: string): never => {
          throw new Error(`${title} was skipped: ${reason}`)
        }
        await body({ expect, signal: new AbortController().signal, task: { meta }, skip })
        return meta.runwright
      })
    },
    { describe: (_: string, body: () => void) => body() },
  )
  return register
}

test('what a test costs beside its commands', async (context) => {
  await using session = await Session.open()
  const runtime = await describeRuntime(session, 'runc')
  const declared = suite('bench', ({ test: declare }) => {
    for (let number = 0; number < tests; number += 1)
      declare(`test ${number}`, { covers: [] }, async ({ bundles, runtime: driver, expect: expected }) => {
        const bundle = await bundles.busybox(`of-${number}`, ['echo', 'hello'])
        expected(await driver.run(bundle)).toHavePrinted('hello\n')
      })
  })
  const environment = openEnvironment({ session, runtime, deviations: [], catalogue: new Map() })
  const bodies: (() => Promise<TestReport | undefined>)[] = []
  registerSuites(collecting(bodies), [declared], () => environment)
  const costs: number[] = []
  for (const body of bodies) {
    const ended = await body()
    if (ended?.outcome !== 'pass')
      throw new Error(`${ended?.id} ended as ${ended?.outcome}: ${ended?.reason}`)
    costs.push(ended.durationMs - ended.runtimeMs)
  }
  report(context, {
    name: 'a test, beside its commands',
    value: median(costs.slice(5)),
    unit: 'ms',
    target: 5,
  })
})
