import { beforeAll, expect, test } from 'vitest'
import {
  becomeSubreaper,
  InvalidProcessIdError,
  isProcessAlive,
  signalProcess,
  UnknownSignalError,
  waitForExit,
} from './index.ts'
import { scriptThatEndsItsFirstThread, startOrphan, untilZombie } from './processes.fixture.ts'

beforeAll(() => becomeSubreaper())

test.each(['TERM', 'SIGTERM', 15, '15'])('sends %j', async (signal) => {
  const orphan = await startOrphan('exec sleep 60')
  expect(signalProcess(orphan, signal)).toBe('sent')
  expect(await waitForExit(orphan)).toMatchObject({ signal: 'SIGTERM' })
  expect(signalProcess(orphan, signal)).toBe('gone')
})

test('a process that has the pid now, but is another one, gets no signal', async () => {
  const orphan = await startOrphan('exec sleep 60')
  const earlier = { ...orphan, startTime: orphan.startTime - 1n }
  expect(signalProcess(earlier, 'KILL')).toBe('gone')
  expect(isProcessAlive(orphan)).toBe(true)
  signalProcess(orphan, 'KILL')
})

test('a process whose first thread has ended is alive, and gets the signal', async () => {
  const orphan = await startOrphan(scriptThatEndsItsFirstThread)
  await untilZombie(orphan)
  expect(isProcessAlive(orphan)).toBe(true)
  expect(signalProcess(orphan, 'KILL')).toBe('sent')
  expect(await waitForExit(orphan)).toMatchObject({ signal: 'SIGKILL' })
  expect(isProcessAlive(orphan)).toBe(false)
})

test.each([0, -1, -process.pid, 1.5, Number.NaN])('refuses pid %d: it would not be one process', (pid) => {
  expect(() => signalProcess({ pid, startTime: 0n }, 'KILL')).toThrow(InvalidProcessIdError)
})

test('refuses what is no signal before it looks at the process', async () => {
  const orphan = await startOrphan('exec sleep 60')
  expect(() => signalProcess(orphan, 0)).toThrow(UnknownSignalError)
  signalProcess(orphan, 'KILL')
})
