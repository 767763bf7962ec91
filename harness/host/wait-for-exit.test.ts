import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { becomeSubreaper, isProcessAlive, signalProcess, until, waitForExit } from './index.ts'
import { readProcessStat } from './process-stat.ts'
import {
  identified,
  openDescriptors,
  scriptThatEndsItsFirstThread,
  startAndIdentify,
  startOrphan,
  untilZombie,
} from './processes.fixture.ts'

beforeAll(() => becomeSubreaper())

describe('an orphan that came to this process', () => {
  test.each([0, 1, 42, 255])('tells its exit code %i', async (code) => {
    expect(await waitForExit(await startOrphan(`sleep 0.05; exit ${code}`))).toEqual({ kind: 'exited', code })
  })

  test.each(['SIGKILL', 'SIGTERM', 'SIGUSR1'] as const)('tells that %s ended it', async (signal) => {
    const orphan = await startOrphan('exec sleep 60')
    const exit = waitForExit(orphan)
    expect(signalProcess(orphan, signal)).toBe('sent')
    expect(await exit).toEqual({ kind: 'signaled', signal, coreDumped: false })
  })

  test('tells the number of a real-time signal', async () => {
    const orphan = await startOrphan('exec sleep 60')
    signalProcess(orphan, 'RTMIN+2')
    expect(await waitForExit(orphan)).toEqual({ kind: 'signaled', signal: 36, coreDumped: false })
  })

  test('whose first thread has ended while others run has not ended, and tells its status when it has', async () => {
    const orphan = await startOrphan(scriptThatEndsItsFirstThread)
    await untilZombie(orphan)
    const exit = waitForExit(orphan)
    expect(await Promise.race([exit, delay(50, 'still waiting')])).toBe('still waiting')
    process.kill(orphan.pid, 'SIGKILL')
    expect(await exit).toMatchObject({ kind: 'signaled', signal: 'SIGKILL' })
  })

  test('that ended before anybody waited still tells its status', async () => {
    const orphan = await startOrphan('sleep 0.05; exit 7')
    await untilZombie(orphan)
    expect(await waitForExit(orphan)).toEqual({ kind: 'exited', code: 7 })
  })

  test('is collected when nobody waits, and tells its status later', async () => {
    const orphan = await startOrphan('sleep 0.05; exit 8')
    await until(() => readProcessStat(orphan.pid) === undefined, {
      timeoutMs: 10_000,
      what: 'the orphan to be collected',
    })
    expect(await waitForExit(orphan)).toEqual({ kind: 'exited', code: 8 })
  })

  test('tells everybody who asks, at once and afterwards', async () => {
    const orphan = await startOrphan('sleep 0.05; exit 9')
    const nine = { kind: 'exited', code: 9 }
    expect(await Promise.all([waitForExit(orphan), waitForExit(orphan)])).toEqual([nine, nine])
    expect(await waitForExit(orphan)).toEqual(nine)
  })

  test('is awaited by the hundreds without leaving descriptors open', async () => {
    const before = openDescriptors()
    const orphans = await Promise.all(
      Array.from({ length: 200 }, (_, code) => startOrphan(`sleep 0.2; exit ${code}`)),
    )
    const statuses = await Promise.all(orphans.map((orphan) => waitForExit(orphan)))
    expect(statuses).toEqual(orphans.map((_, code) => ({ kind: 'exited', code })))
    expect(openDescriptors()).toBe(before)
  })
})

describe('a process whose status belongs to somebody else', () => {
  test("a child of Node's own: the end is seen, the status left to Node", async () => {
    const child = spawn('sh', ['-c', 'sleep 0.05; exit 3'])
    const exit = once(child, 'exit')
    expect(await waitForExit(identified(child.pid))).toBeUndefined()
    expect(await exit).toEqual([3, null])
  })

  test('a child that Node started before the harness was loaded is left to Node too', async () => {
    vi.resetModules()
    const child = spawn('sh', ['-c', 'sleep 0.3; exit 4'])
    const exit = once(child, 'exit')
    const late = await import('./index.ts')
    expect(await late.waitForExit(identified(child.pid))).toBeUndefined()
    expect(await exit).toEqual([4, null])
  })

  test('such a child is not taken for an orphan while the event loop stands still', async () => {
    vi.resetModules()
    const child = spawn('sh', ['-c', 'exit 5'])
    const exit = once(child, 'exit')
    const late = await import('./index.ts')
    late.becomeSubreaper()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200)
    expect(await exit).toEqual([5, null])
  })

  test('a child of another process that collects it', async () => {
    const { starter, identity } = await startAndIdentify('sleep 0.05 & echo $!; wait; exec sleep 60')
    expect(await waitForExit(identity)).toBeUndefined()
    starter.kill()
  })

  test('a process that ended long ago, or whose pid is another one now', async () => {
    expect(await waitForExit({ pid: process.pid, startTime: 1n })).toBeUndefined()
    expect(await waitForExit({ pid: 2 ** 22 + 1, startTime: 1n })).toBeUndefined()
  })
})

test('a zombie left uncollected by a parent that ends soon tells its status', async () => {
  const { identity } = await startAndIdentify('(sleep 0.1; exit 11) & echo $!; exec sleep 0.4')
  await untilZombie(identity)
  expect(await waitForExit(identity)).toEqual({ kind: 'exited', code: 11 })
})

describe('aborting', () => {
  test('ends the wait with the reason, and not the process', async () => {
    const orphan = await startOrphan('exec sleep 60')
    const controller = new AbortController()
    const exit = waitForExit(orphan, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(exit).rejects.toThrow('enough')
    expect(isProcessAlive(orphan)).toBe(true)
    await expect(waitForExit(orphan, { signal: controller.signal })).rejects.toThrow('enough')
    signalProcess(orphan, 'KILL')
    expect(await waitForExit(orphan)).toMatchObject({ signal: 'SIGKILL' })
  })

  test('thousands of times leaves no descriptor open, and warns of nothing', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    const orphan = await startOrphan('exec sleep 60')
    const before = openDescriptors()
    for (let round = 0; round < 20; round++) {
      const controller = new AbortController()
      const waits = Array.from({ length: 100 }, () => waitForExit(orphan, { signal: controller.signal }))
      controller.abort(new Error('enough'))
      await Promise.allSettled(waits)
    }
    expect(openDescriptors()).toBe(before)
    await nextTurn() // when warnings are given
    expect(warnings).toEqual([])
    process.off('warning', onWarning)
    signalProcess(orphan, 'KILL')
  })
})
