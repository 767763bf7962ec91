import {
  after,
  all,
  before,
  configuration,
  type Fault,
  options,
  program,
  status,
} from '../harness/fault/index.ts'
import { changing } from '../harness/spec/index.ts'
import { real } from './real-runtime.ts'

/** What `run` may make of the exit code of a program, by id of the fault. */
const exitCodes: Readonly<Record<string, readonly [sentence: string, map: (code: number) => number]>> = {
  'run-always-succeeds': ['exits with 0 whatever a program that it runs ended with', () => 0],
  'run-never-succeeds': [
    'exits with 1 although the program that it runs ended with 0',
    (code) => (code === 0 ? 1 : code),
  ],
  'run-fails-with-one': [
    'exits with 1 whatever a program that it runs failed with',
    (code) => Math.min(code, 1),
  ],
  'run-code-of-seven-bits': [
    'passes only seven bits of the exit code of a program on',
    (code) => code & 0b111_1111,
  ],
  'run-code-of-three-bits': [
    'passes only three bits of the exit code of a program on',
    (code) => code & 0b111,
  ],
}

export const lifecycle: readonly Fault[] = [
  {
    id: 'start-compares-config',
    area: 'lifecycle',
    violates: ['lifecycle-config-updates-ignored'],
    sentence:
      'The runtime reads config.json again at the start, and refuses if that is not as it was at create.',
    effect: all(
      after('create', 'cksum <"$BUNDLE/config.json" >"$NOTES/config.cksum-$ID"'),
      before('start', '[ "$(cksum <"$BUNDLE/config.json")" = "$(cat "$NOTES/config.cksum-$ID")" ] || exit 1'),
    ),
  },
  {
    id: 'start-needs-config',
    area: 'lifecycle',
    violates: ['lifecycle-config-updates-ignored'],
    sentence: 'The runtime refuses to start a container whose bundle has no config.json any more.',
    effect: before('start', '[ -e "$BUNDLE/config.json" ] || exit 1'),
  },
  {
    id: 'delete-needs-config',
    area: 'lifecycle',
    violates: ['lifecycle-config-updates-ignored'],
    sentence: 'The runtime refuses to delete a container whose bundle has no config.json any more.',
    effect: before('delete', '[ -e "$BUNDLE/config.json" ] || exit 1'),
  },
  {
    id: 'run-leaves-container',
    area: 'lifecycle',
    violates: [],
    tests: ['lifecycle/run-creates-starts-waits-for-and-deletes-a-container'],
    sentence: 'The runtime does not delete a container that it ran to its end.',
    effect: options('run', (given) => [...given, { name: '--keep' }]),
  },
  {
    id: 'run-does-not-wait',
    area: 'lifecycle',
    violates: [],
    tests: ['lifecycle/run-creates-starts-waits-for-and-deletes-a-container'],
    sentence: 'The runtime does not wait for the end of a container that it runs.',
    effect: options('run', (given) => [...given, { name: '--detach' }]),
  },
  ...Object.entries(exitCodes).map(
    ([id, [sentence, map]]): Fault => ({
      id,
      area: 'lifecycle',
      violates: ['lifecycle-process-exit-causes'],
      sentence: `The runtime ${sentence}.`,
      effect: status('run', map),
    }),
  ),
  {
    id: 'run-code-of-killed-is-signal',
    area: 'lifecycle',
    violates: ['lifecycle-process-exit-causes'],
    tests: ['process/a-program-that-outgrows-the-memory-limit-is-killed'],
    sentence:
      'The runtime exits with the number of the signal that killed a program, without the 128 of a shell.',
    effect: status('run', (code) => (code > 128 && code < 160 ? code - 128 : code)),
  },
  {
    id: 'program-under-deaf-init',
    area: 'lifecycle',
    violates: ['kill-sends-signal', 'start-runs-process', 'lifecycle-start-runs-program'],
    sentence:
      'The runtime puts a process of its own before the program, which passes arguments and exit code on and no signals.',
    effect: configuration(
      changing(({ process }) => {
        if (process?.args !== undefined) process.args = ['/bin/sh', '-c', '"$0" "$@"; exit', ...process.args]
      }),
    ),
  },
  {
    id: 'delete-ends-as-refused',
    area: 'lifecycle',
    violates: ['operations-supported'],
    sentence: 'The runtime deletes a container and exits with 1 nevertheless.',
    effect: status('delete', () => 1),
  },
  ...(['state', 'start', 'kill', 'delete'] as const).map(
    (verb): Fault => ({
      id: `operation-${verb}-missing`,
      area: 'lifecycle',
      violates: ['operations-supported', 'scope-creator-can-operate'],
      sentence: `The runtime knows no operation ${verb}, and says so.`,
      effect: program(verb, 'echo "unknown operation" >&2; exit 1'),
    }),
  ),
  {
    id: 'kill-deletes-what-it-ended',
    area: 'lifecycle',
    violates: ['operations-supported'],
    sentence: 'The runtime deletes a container by itself after the signal that ended it.',
    effect: after(
      'kill',
      `n=0
until ${real} delete "$ID" 2>/dev/null || [ "$n" = 20 ]; do n=$((n + 1)); sleep 0.05; done`,
    ),
  },
]
