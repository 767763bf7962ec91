import { readFileSync, symlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { identifyProcess, isProcessAlive, signalProcess, until } from './index.ts'
import { startAndIdentify, untilZombie } from './processes.fixture.ts'

test('identifies this process, the same each time', () => {
  const identity = identifyProcess(process.pid)
  expect(identity?.pid).toBe(process.pid)
  expect(identity?.startTime).toBeGreaterThan(0n)
  expect(identifyProcess(process.pid)).toEqual(identity)
  expect(identity && isProcessAlive(identity)).toBe(true)
})

test.each([0, -1, 1.5, Number.NaN, 2 ** 22 + 1])('there is no process %d', (pid) => {
  expect(identifyProcess(pid)).toBeUndefined()
})

test('the same pid with another start time is another process', () => {
  const identity = identifyProcess(process.pid)
  expect(identity && isProcessAlive({ ...identity, startTime: identity.startTime + 1n })).toBe(false)
})

test('a zombie is dead, and identified only when ended processes are asked for', async () => {
  const { starter, identity } = await startAndIdentify('sleep 0.05 & echo $!; exec sleep 60')
  expect(isProcessAlive(identity)).toBe(true)
  await untilZombie(identity)
  expect(isProcessAlive(identity)).toBe(false)
  expect(identifyProcess(identity.pid)).toBeUndefined()
  expect(identifyProcess(identity.pid, { ended: true })).toEqual(identity)
  expect(signalProcess(identity, 'TERM')).toBe('gone')
  starter.kill()
})

test("spaces and parentheses in a program's name do not confuse", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'runwright-identity-'))
  const program = join(directory, 'a) R 1 (b')
  symlinkSync('/bin/sleep', program)
  const { identity } = await startAndIdentify(`'${program}' 60 & echo $!; wait`)
  const name = () => readFileSync(`/proc/${identity.pid}/comm`, 'utf8').trim()
  await until(() => name() === 'a) R 1 (b', { timeoutMs: 5000, what: 'the program to run' })
  expect(identifyProcess(identity.pid)).toEqual(identity)
  expect(isProcessAlive(identity)).toBe(true)
  signalProcess(identity, 'KILL')
  await rm(directory, { recursive: true })
})
