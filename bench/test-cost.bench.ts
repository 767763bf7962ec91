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
import { type Figure, median, report, steadily } from './figure.ts'

const tests = 60
const warmUps = 5

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

/** What a test costs beside its commands, and what these take, in milliseconds. */
async function measure(session: Session, name: string): Promise<Figure> {
  const runtime = await describeRuntime(session, 'runc')
  const declared = suite(name, ({ test: declare }) => {
    for (let number = 0; number < tests; number += 1)
      declare(`test ${number}`, { covers: [] }, async ({ bundles, runtime: driver, expect: expected }) => {
        const bundle = await bundles.busybox(`of-${number}`, ['echo', 'hello'])
        expected(await driver.run(bundle)).toHavePrinted('hello\n')
      })
  })
  const environment = openEnvironment({ session, runtime, deviations: [], catalogue: new Map() })
  const bodies: (() => Promise<TestReport | undefined>)[] = []
  registerSuites(collecting(bodies), [declared], () => environment)
  const times = { subject: [] as number[], floor: [] as number[] }
  for (const body of bodies) {
    const ended = await body()
    if (ended?.outcome !== 'pass')
      throw new Error(`${ended?.id} ended as ${ended?.outcome}: ${ended?.reason}`)
    times.subject.push(ended.durationMs - ended.runtimeMs)
    times.floor.push(ended.runtimeMs)
  }
  const [subject, floor] = [median(times.subject.slice(warmUps)), median(times.floor.slice(warmUps))]
  return {
    name: 'a test beside its commands, of its commands',
    value: subject / floor,
    unit: 'ratio',
    target: 0.125,
    medians: { subject, floor },
  }
}

test('what a test costs beside its commands', async (context) => {
  await using session = await Session.open()
  let attempt = 0
  const figure = await steadily(() => {
    attempt += 1
    return measure(session, `bench-${attempt}`)
  })
  report(context, figure)
  const value = figure.medians?.subject ?? Number.NaN
  report(context, { name: 'a test, beside its commands', value, unit: 'ms', target: 5 })
})
