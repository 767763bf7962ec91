import {
  after,
  before,
  configuration,
  configurationDocument,
  executedProcess,
  type Fault,
  options,
  when,
} from '../harness/fault/index.ts'
import { changing, type ProcessSpec } from '../harness/spec/index.ts'
import { isObject } from './json-object.ts'

const size = { height: 24, width: 80 }

/** Has the program of a terminal run by a shell that does something first. */
const preceded = (script: string) => (process: ProcessSpec) => {
  if (process.terminal === true && process.args !== undefined)
    process.args = ['/bin/sh', '-c', script, ...process.args]
}

/** What may be wrong with a process that has a terminal, or should have none. */
const mistakes: Readonly<
  Record<
    string,
    readonly [sentence: string, violates: readonly string[], change: (process: ProcessSpec) => void]
  >
> = {
  'terminal-never': [
    'gives no container a terminal',
    ['process-terminal-true-allocates-pty', 'default-device-console', 'process-consolesize-optional'],
    (process) => {
      process.terminal = false
    },
  ],
  'terminal-by-default': [
    'gives a program a terminal where nothing is said of it',
    ['process-terminal-optional', 'process-consolesize-ignored-without-terminal'],
    (process) => {
      process.terminal ??= true
    },
  ],
  'terminal-where-false': [
    'gives a program a terminal that is not to have one',
    ['process-terminal-optional'],
    (process) => {
      process.terminal = true
    },
  ],
  'terminal-wherever-size': [
    'gives a program a terminal for which a console size is configured',
    ['process-consolesize-ignored-without-terminal'],
    (process) => {
      if (process.consoleSize !== undefined) process.terminal = true
    },
  ],
  'terminal-without-stderr': [
    'connects the standard error of a program that has a terminal to nothing',
    ['process-terminal-true-allocates-pty'],
    preceded('exec "$0" "$@" 2>/dev/null'),
  ],
  'terminal-without-stdin': [
    'connects the standard input of a program that has a terminal to nothing',
    ['process-terminal-true-allocates-pty'],
    preceded('exec "$0" "$@" </dev/null'),
  ],
  'terminal-not-controlling': [
    'makes a terminal not the controlling one of its program',
    ['process-terminal-true-allocates-pty'],
    preceded('setsid "$0" "$@"; exit'),
  ],
  'terminal-without-interrupts': [
    'makes the interrupt character mean nothing to a terminal',
    ['process-terminal-true-allocates-pty'],
    preceded('stty intr undef; exec "$0" "$@"'),
  ],
  'terminal-size-dropped': [
    'sets no size of a terminal',
    ['process-consolesize-applied'],
    (process) => {
      delete process.consoleSize
    },
  ],
  'terminal-size-swapped': [
    'takes the height of a terminal for its width and the other way round',
    ['process-consolesize-applied'],
    (process) => {
      const { height, width } = process.consoleSize ?? {}
      if (height !== undefined && width !== undefined) process.consoleSize = { height: width, width: height }
    },
  ],
  'terminal-only-with-size': [
    'makes a terminal only where a console size is configured',
    ['process-consolesize-optional'],
    (process) => {
      if (process.consoleSize === undefined) process.terminal = false
    },
  ],
}

/** What may be done to a terminal when it is made: shell text in the mount namespace of the container. */
const consoles: Readonly<Record<string, readonly [sentence: string, script: string]>> = {
  'terminal-console-not-mounted': ['does not mount a terminal at /dev/console', 'umount /dev/console'],
  'terminal-console-is-null': ['mounts /dev/null at /dev/console', 'mount --bind /dev/null /dev/console'],
}

/** What may be wrong with the terminal of a process that is executed, with the tests that have to notice. */
const ofExecuted: Readonly<
  Record<
    string,
    readonly [sentence: string, tests: readonly string[], change: (process: ProcessSpec) => void]
  >
> = {
  'terminal-never-if-executed': [
    'gives no executed process a terminal',
    ['terminal'],
    (process) => {
      process.terminal = false
    },
  ],
  'terminal-always-if-executed': [
    'gives an executed process a terminal that is not to have one',
    ['terminal/an-executed-process-without-a-terminal-has-none-also-in-a-container-with-one'],
    (process) => {
      process.terminal = true
    },
  ],
  'terminal-size-dropped-if-executed': [
    'sets no size of the terminal of an executed process',
    ['terminal/the-terminal-of-an-executed-process-has-the-size-of-its-process-file'],
    (process) => {
      delete process.consoleSize
    },
  ],
  'terminal-size-usual-if-executed': [
    'gives the terminal of an executed process the size of 24 lines of 80 characters',
    ['terminal/the-terminal-of-an-executed-process-has-the-size-of-its-process-file'],
    (process) => {
      if (process.consoleSize !== undefined) process.consoleSize = size
    },
  ],
  'terminal-not-controlling-if-executed': [
    'makes a terminal not the controlling one of an executed process',
    ['terminal/an-executed-process-has-its-terminal-as-the-controlling-one'],
    preceded('setsid "$0" "$@"; exit'),
  ],
  'terminal-without-stderr-if-executed': [
    'connects the standard error of an executed process that has a terminal to nothing',
    [
      'terminal/an-executed-process-gets-a-terminal-by-its-process-file',
      'terminal/an-executed-process-gets-a-terminal-by-an-option',
    ],
    preceded('exec "$0" "$@" 2>/dev/null'),
  ],
}

export const terminal: readonly Fault[] = [
  ...Object.entries(mistakes).map(
    ([id, [sentence, violates, change]]): Fault => ({
      id,
      area: 'terminal',
      violates,
      sentence: `The runtime ${sentence}.`,
      effect: configuration(
        changing(({ process }) => {
          if (process !== undefined) change(process)
        }),
      ),
    }),
  ),
  ...Object.entries(ofExecuted).map(
    ([id, [sentence, tests, change]]): Fault => ({
      id,
      area: 'terminal',
      violates: [],
      tests,
      sentence: `The runtime ${sentence}.`,
      effect: executedProcess(change),
    }),
  ),
  ...Object.entries(consoles).map(
    ([id, [sentence, script]]): Fault => ({
      id,
      area: 'terminal',
      violates: ['default-device-console'],
      sentence: `The runtime ${sentence}.`,
      effect: after('create', `nsenter --target "$PID" --mount ${script} 2>/dev/null`),
    }),
  ),
  {
    id: 'terminal-option-of-exec-ignored',
    area: 'terminal',
    violates: [],
    tests: ['terminal/an-executed-process-gets-a-terminal-by-an-option'],
    sentence: 'The runtime does not heed the option that gives an executed process a terminal.',
    effect: options('exec', (given) => given.filter(({ name }) => name !== '--tty' && name !== '-t')),
  },
  {
    id: 'terminal-changes-not-signalled',
    area: 'terminal',
    violates: [],
    tests: ['terminal/a-change-of-the-size-of-the-terminal-reaches-the-program'],
    sentence: 'The runtime keeps a program from hearing that the size of its terminal has changed.',
    effect: configuration(
      changing(({ process }) => {
        if (process !== undefined) preceded('trap "" WINCH; exec "$0" "$@"')(process)
      }),
    ),
  },
  ...(['height', 'width'] as const).map(
    (member): Fault => ({
      id: `terminal-${member}-not-required`,
      area: 'terminal',
      violates: [`process-consolesize-${member}-required`],
      sentence: `The runtime takes the usual ${member} of a terminal where a console size has none.`,
      effect: configurationDocument(({ process }) => {
        const given = isObject(process) ? process['consoleSize'] : undefined
        if (isObject(given)) given[member] ??= size[member]
      }),
    }),
  ),
  {
    id: 'terminal-for-one-container-only',
    area: 'terminal',
    violates: [],
    tests: ['terminal/each-container-has-a-terminal-of-its-own'],
    sentence: 'The runtime refuses a second container with a terminal.',
    effect: when(
      ({ options: given }) => given.some(({ name }) => name === '--console-socket'),
      before('create', 'mkdir "$NOTES/terminal.lock" || exit 1'),
    ),
  },
]
