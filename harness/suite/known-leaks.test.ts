import { expect, test } from 'vitest'
import type { CommandRecord } from '../runtime/index.ts'
import { unknownLeaks } from './known-leaks.ts'

function command(verb: string, id: string, exitCode: number): CommandRecord {
  const argv = ['runc', verb, id]
  return {
    ...{ verb, argv, exitCode, reproduction: argv, workingDirectory: '/', signal: undefined, stdout: '' },
    ...{ stderr: '', log: [], startedAt: 0, durationMs: 1, timedOut: false },
  }
}

const cgroupOf = (id: string) => ({ kind: 'cgroup', what: `/sys/fs/cgroup/${id}` }) as const
const ofFailedLaunch = { ofFailedLaunch: ['cgroup'], ofDeviation: [] } as const

test('the cgroup of a container that could not be created is known, and that of any other is not', () => {
  const records = [command('create', 'refused', 1), command('create', 'made', 0), command('kill', 'made', 1)]
  const leaks = [cgroupOf('refused'), cgroupOf('made')]
  expect(unknownLeaks(leaks, ofFailedLaunch, records)).toEqual([cgroupOf('made')])
})

test('of a container that was run, only where the runtime says that it failed, and not its program', () => {
  const entry = { level: 'error', message: 'no such device', time: undefined }
  const leaks = [cgroupOf('refused'), cgroupOf('ran')]
  const records = [{ ...command('run', 'refused', 1), log: [entry] }, command('run', 'ran', 1)]
  expect(unknownLeaks(leaks, ofFailedLaunch, records)).toEqual([cgroupOf('ran')])
})

test('what is not named after the container is not known, nor is another kind of thing', () => {
  const records = [command('create', 'refused', 1)]
  const leaks = [cgroupOf('another'), { kind: 'mount', what: '/run/refused' } as const]
  expect(unknownLeaks(leaks, ofFailedLaunch, records)).toEqual(leaks)
})

test('a recorded deviation excuses its kinds whichever container they are of', () => {
  const leaks = [cgroupOf('made')]
  expect(unknownLeaks(leaks, { ofFailedLaunch: [], ofDeviation: ['cgroup'] }, [])).toEqual([])
})
