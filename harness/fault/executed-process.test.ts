import { expect, test } from 'vitest'
import type { Spec } from '../spec/index.ts'
import { processOf } from './executed-process.ts'

const spec: Spec = {
  ociVersion: '1.0.2',
  process: {
    terminal: true,
    cwd: '/home',
    env: ['PATH=/bin'],
    args: ['init'],
    user: { uid: 7, gid: 8 },
    capabilities: { bounding: ['CAP_KILL'], ambient: [] },
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 2 }],
  },
}

test('an executed process is like the first but for its program', () => {
  expect(processOf(spec, [], ['ls', '-l'])).toEqual({
    process: { ...spec.process, args: ['ls', '-l'], terminal: false },
    remaining: [],
  })
})

test('the options say what is different', () => {
  const options = [
    { name: '--cwd', value: '/tmp' },
    { name: '-e', value: 'A=1' },
    { name: '--user', value: '5' },
    { name: '--additional-gids', value: '6' },
    { name: '--cap', value: 'CAP_CHOWN' },
    { name: '--no-new-privs' },
    { name: '-t' },
  ]
  const { process } = processOf(spec, options, ['ls'])
  expect(process).toMatchObject({
    cwd: '/tmp',
    env: ['PATH=/bin', 'A=1'],
    user: { uid: 5, gid: 0, additionalGids: [6] },
    capabilities: { bounding: ['CAP_KILL', 'CAP_CHOWN'], effective: ['CAP_CHOWN'], ambient: [] },
    noNewPrivileges: true,
    terminal: true,
  })
})

test('options that are about the command remain beside the process', () => {
  const options = [{ name: '--pid-file', value: '/p' }, { name: '--env', value: 'A=1' }, { name: '--detach' }]
  expect(processOf(spec, options, ['ls']).remaining).toEqual([
    { name: '--pid-file', value: '/p' },
    { name: '--detach' },
  ])
})
