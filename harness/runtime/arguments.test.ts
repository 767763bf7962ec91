import { describe, expect, test } from 'vitest'
import { RuntimeOptionError } from './errors.ts'
import { type GlobalOptions, globalWords } from './global-arguments.ts'
import {
  checkpointWords,
  deleteWords,
  eventsWords,
  execWords,
  killWords,
  launchWords,
  restoreWords,
} from './verb-arguments.ts'
import { allWords, repeatableWords, type Word } from './words.ts'

function line(words: readonly Word[]): string {
  return allWords(words).join(' ')
}

describe('global options', () => {
  const table: readonly (readonly [GlobalOptions, string])[] = [
    [{ root: '/r' }, '--root /r --log /own --log-format json'],
    [{ root: '/r', debug: true }, '--root /r --debug --log /own --log-format json'],
    [{ root: '/r', debug: false, systemdCgroup: false }, '--root /r --log /own --log-format json'],
    [{ root: '/r', logFormat: 'text' }, '--root /r --log /own --log-format text'],
    [{ root: '/r', log: '/theirs' }, '--root /r --log /theirs --log-format json'],
    [{ root: '/r', log: '/theirs', logFormat: 'text' }, '--root /r --log /theirs --log-format text'],
    [{ root: '/r', systemdCgroup: true }, '--root /r --log /own --log-format json --systemd-cgroup'],
    [{ root: '/r', rootless: true }, '--root /r --log /own --log-format json --rootless=true'],
    [{ root: '/r', rootless: false }, '--root /r --log /own --log-format json --rootless=false'],
    [{ root: '/r', arguments: ['--x', 'y'] }, '--root /r --log /own --log-format json --x y'],
  ]
  test.each(table)('%j', (options, words) => {
    expect(line(globalWords(options, '/own'))).toBe(words)
  })

  test("the harness's own log is left out when a command is repeated, the caller's is not", () => {
    expect(repeatableWords(globalWords({ root: '/r' }, '/own'))).toEqual(['--root', '/r'])
    expect(repeatableWords(globalWords({ root: '/r', log: '/l' }, '/own'))).toContain('/l')
  })
})

describe('verbs', () => {
  const launch = { bundle: '/b', pidFile: '/p' }
  const all = {
    ...launch,
    consoleSocket: '/c',
    preserveDescriptors: 2,
    noPivot: true,
    noNewKeyring: true,
    arguments: ['--x'],
  }
  const exec = { pidFile: '/p' }
  const criu = {
    imagePath: '/i',
    workPath: '/w',
    tcpEstablished: true,
    externalUnixSockets: true,
    shellJob: true,
    fileLocks: true,
    lazyPages: true,
    autoDedup: true,
    manageCgroups: 'strict',
    emptyNamespaces: ['network', 'ipc'],
    arguments: ['--x'],
  } as const
  const criuLine =
    '--work-path /w --tcp-established --ext-unix-sk --shell-job --file-locks --lazy-pages --auto-dedup ' +
    '--manage-cgroups-mode strict --empty-ns network --empty-ns ipc --x'

  const table: readonly (readonly [string, readonly Word[]])[] = [
    ['create --bundle /b --pid-file /p ID', launchWords('create', 'ID', launch)],
    [
      'create --bundle /b --pid-file /p --console-socket /c --no-pivot --no-new-keyring --preserve-fds 2 --x ID',
      launchWords('create', 'ID', all),
    ],
    [
      'create --bundle /b --pid-file /p ID',
      launchWords('create', 'ID', { ...launch, preserveDescriptors: 0 }),
    ],
    ['run --detach --bundle /b --pid-file /p ID', launchWords('run', 'ID', { ...launch, detach: true })],
    ['run --bundle /b --pid-file /p --keep ID', launchWords('run', 'ID', { ...launch, keep: true })],
    ['exec --pid-file /p ID echo -n x', execWords('ID', { ...exec, process: { args: ['echo', '-n', 'x'] } })],
    [
      'exec --detach --tty --pid-file /p --console-socket /c --preserve-fds 1 --x ID sh',
      execWords('ID', {
        ...exec,
        process: { args: ['sh'] },
        detach: true,
        terminal: true,
        consoleSocket: '/c',
        preserveDescriptors: 1,
        arguments: ['--x'],
      }),
    ],
    [
      'exec --process /f --pid-file /p ID',
      execWords('ID', { ...exec, process: { file: '/f' }, terminal: true }),
    ],
    ['kill ID 15', killWords('ID', 15, {})],
    ['kill --all ID 9', killWords('ID', 9, { all: true })],
    ['delete ID', deleteWords('ID', {})],
    ['delete --force ID', deleteWords('ID', { force: true })],
    ['events ID', eventsWords('ID', {})],
    ['events --interval=250ms ID', eventsWords('ID', { intervalMs: 250 })],
    ['events --interval=60000ms ID', eventsWords('ID', { intervalMs: 60_000 })],
    ['checkpoint --image-path /i ID', checkpointWords('ID', { imagePath: '/i' })],
    [
      `checkpoint --image-path /i --parent-path ../p --leave-running --pre-dump --page-server h:1 --status-fd 3 ${criuLine} ID`,
      checkpointWords('ID', {
        ...criu,
        parentPath: '../p',
        leaveRunning: true,
        preDump: true,
        pageServer: 'h:1',
        statusDescriptor: 7,
      }),
    ],
    ['restore --bundle /b --pid-file /p --image-path /i ID', restoreWords('ID', launch, { imagePath: '/i' })],
    [
      `restore --detach --bundle /b --pid-file /p --console-socket /c --no-pivot --image-path /i --no-subreaper ${criuLine} ID`,
      restoreWords('ID', { ...all, detach: true }, { ...criu, noSubreaper: true }),
    ],
  ]
  test.each(table)('%s', (expected, words) => {
    expect(line(words)).toBe(expected)
  })

  test("the harness's own pid file is left out when a command is repeated", () => {
    expect(repeatableWords(launchWords('create', 'ID', launch))).toEqual(['create', '--bundle', '/b', 'ID'])
  })

  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'an interval of %d ms is refused',
    (intervalMs) => {
      expect(() => eventsWords('ID', { intervalMs })).toThrow(RuntimeOptionError)
    },
  )
})
