import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type AttributedLeak, LeakSentinel, Session } from '../guard/index.ts'
import { cgroupLayout, probeNeed, runTool } from '../host/index.ts'
import type { TestBody } from './declaration.ts'
import { suite } from './declaration.ts'
import { describeRuntime } from './describe-runtime.ts'
import type { SuiteEnvironment } from './environment.ts'
import { matchers } from './matchers.ts'
import { openEnvironment } from './open-environment.ts'
import { runTest } from './run-test.ts'

expect.extend(matchers)

let session: Session
let environment: SuiteEnvironment
let sentinel: LeakSentinel
/** Takes away what the tests have left on purpose. */
let tidy: (() => unknown)[]

beforeEach(async (context) => {
  const root = await probeNeed('root')
  context.skip(!root.met, 'containers take root')
  session = await Session.open()
  tidy = []
  const runtime = await describeRuntime(session, 'runc')
  // Node opens a pipe of its own for its first child.
  await once(spawn('true', { stdio: 'ignore' }), 'exit')
  sentinel = new LeakSentinel(session, { isAlone: true })
  environment = await openEnvironment({
    session,
    runtime,
    deviations: [],
    catalogue: new Map(),
    sentinel,
  })
  return async () => {
    for (const undo of tidy) await undo()
    expect(await session.close()).toEqual([])
  }
})

/** What each test leaves behind, once its container has run. */
type Leaking = Readonly<Record<string, TestBody>>

const clean: TestBody = async ({ bundles, runtime, expect }) => {
  const container = await runtime.create(await bundles.busybox('sleeping', ['sleep', '1000']))
  await container.start()
  await expect(container).toBeRunning()
}

const leaking: Leaking = {
  'leaves a cgroup': async (context) => {
    await clean(context)
    const parent = cgroupLayout().controllers.get('pids') ?? cgroupLayout().unified ?? ''
    const path = join(parent, context.id('left'))
    mkdirSync(path)
  },
  'leaves a mount in its bundle': async (context) => {
    await clean(context)
    const { rootfs } = await context.bundles.busybox('mounted-on', ['true'], undefined, {
      rootfs: 'private',
    })
    const place = join(rootfs, 'mnt')
    await runTool(['mount', '-t', 'tmpfs', 'none', place])
    tidy.push(() => runTool(['umount', place]))
  },
  'leaves a temporary file of the runtime': async (context) => {
    await clean(context)
    writeFileSync(join(dirname(context.runtime.root), 'tmp/left'), '')
  },
  'leaves a descriptor of its bundle': async (context) => {
    await clean(context)
    const { path } = await context.bundles.busybox('opened', ['true'])
    const descriptor = openSync(path, 'r')
    tidy.push(() => closeSync(descriptor))
  },
  'leaves a process': async (context) => {
    await clean(context)
    const child = spawn('sleep', ['1000'], { stdio: 'ignore', env: { LEFT_BY: context.id() } })
    tidy.push(async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    })
  },
  'leaves a named network namespace': async (context) => {
    await clean(context)
    await runTool(['ip', 'netns', 'add', context.id('left')])
    tidy.push(() => runTool(['ip', 'netns', 'delete', context.id('left')]))
  },
}

/** Runs bodies side by side as tests, and gives everything that the sentinel found, by test. */
async function leaksOf(bodies: Leaking): Promise<ReadonlyMap<string | undefined, readonly string[]>> {
  const { tests } = suite('leaks', ({ test: declare }) => {
    for (const [title, body] of Object.entries(bodies)) declare(title, { covers: [] }, body)
  })
  const cancelled = new AbortController().signal
  const ends = await Promise.all(
    tests.map((declaration) => runTest(declaration, environment, { expect, cancelled })),
  )
  expect(ends.map(({ report }) => report.reason ?? report.outcome)).toEqual(tests.map(() => 'pass'))
  const leaks: readonly AttributedLeak[] = [...session.recordedLeaks(), ...(await sentinel.finish())]
  const kinds = new Map<string | undefined, string[]>()
  for (const { test: id, kind } of leaks) kinds.set(id, [...(kinds.get(id) ?? []), kind])
  return kinds
}

test('twenty tests that clean up have left nothing', async () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`is clean ${index}`, clean]))
  expect(await leaksOf(many)).toEqual(new Map())
})

test('what each test leaves is put down to that test, though all of them run side by side', async () => {
  const bystanders = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`is clean ${index}`, clean]))
  expect(await leaksOf({ ...bystanders, ...leaking })).toEqual(
    new Map([
      ['leaks/leaves-a-cgroup', ['cgroup']],
      ['leaks/leaves-a-mount-in-its-bundle', ['mount']],
      ['leaks/leaves-a-temporary-file-of-the-runtime', ['file']],
      ['leaks/leaves-a-descriptor-of-its-bundle', ['descriptor']],
      ['leaks/leaves-a-process', ['process']],
      ['leaks/leaves-a-named-network-namespace', ['network-namespace']],
    ]),
  )
})

test('what bears no mark at all is put down to the test that ran alone', async () => {
  expect(
    await leaksOf({
      'leaves an open file of the host': async (context) => {
        await clean(context)
        const descriptor = openSync('/dev/zero', 'r')
        tidy.push(() => closeSync(descriptor))
      },
    }),
  ).toEqual(new Map([['leaks/leaves-an-open-file-of-the-host', ['descriptor']]]))
})

test('what a runtime is known to leave while it deviates is removed and not counted, and nothing else', async () => {
  const left = async (context: Parameters<TestBody>[0], kinds: readonly string[]) => {
    for (const kind of kinds) await leaking[`leaves a ${kind}`]?.(context)
    context.expect('what the runtime does').toBe('what it should do')
  }
  const { tests } = suite('leaks', ({ test: declare }) => {
    declare('is known', { covers: [] }, (context) => left(context, ['cgroup']))
    declare('is known in part', { covers: [] }, (context) =>
      left(context, ['cgroup', 'temporary file of the runtime']),
    )
  })
  const deviations = tests.map(({ id }) => ({
    test: id,
    runtime: 'runc',
    versions: '*',
    reason: 'leaves a cgroup',
    leaves: ['cgroup' as const],
  }))
  const cancelled = new AbortController().signal
  const ends = await Promise.all(
    tests.map((test) => runTest(test, { ...environment, deviations }, { expect, cancelled })),
  )
  expect(ends.map(({ report, leaks }) => [report.outcome, leaks.map(({ kind }) => kind)])).toEqual([
    ['deviation', []],
    ['deviation', ['file']],
  ])
})
