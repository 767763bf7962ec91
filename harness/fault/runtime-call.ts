/** What can be asked of a runtime. */
export type Verb =
  | 'checkpoint'
  | 'create'
  | 'delete'
  | 'events'
  | 'exec'
  | 'features'
  | 'kill'
  | 'list'
  | 'pause'
  | 'ps'
  | 'restore'
  | 'resume'
  | 'run'
  | 'spec'
  | 'start'
  | 'state'
  | 'update'

/** One option as it stands on a command line. */
export interface CallOption {
  /** With its dashes, such as `--bundle`. */
  readonly name: string
  readonly value?: string
  /** Whether name and value are one word, `--bundle=PATH`. */
  readonly isJoined?: boolean
}

/** A runtime's command line, taken apart. */
export interface RuntimeCall {
  /** Options before the verb. */
  readonly globals: readonly CallOption[]
  /** The first word that is no option. */
  readonly verb: string | undefined
  readonly options: readonly CallOption[]
  /** What follows the options: a container's id, and what is the verb's own. */
  readonly operands: readonly string[]
}

const launching = ['--bundle', '-b', '--pid-file', '--console-socket', '--preserve-fds', '--config', '-f']
const imaging = ['--image-path', '--work-path', '--manage-cgroups-mode', '--empty-ns', '--lsm-profile']

/** Options whose value is the next word; those of no verb stand before it. */
const valued: Readonly<Record<string, readonly string[]>> = {
  '': ['--root', '--log', '--log-format', '--rootless', '--criu', '--cgroup-manager'],
  create: launching,
  run: launching,
  restore: [...launching, ...imaging],
  checkpoint: [...imaging, '--parent-path', '--page-server', '--status-fd'],
  exec: [
    ...['--process', '-p', '--cwd', '--env', '-e', '--user', '-u', '--additional-gids', '-g', '--cap', '-c'],
    ...['--pid-file', '--console-socket', '--preserve-fds', '--apparmor', '--process-label', '--cgroup'],
  ],
  events: ['--interval'],
  list: ['--format', '-f'],
  ps: ['--format', '-f'],
  spec: ['--bundle', '-b'],
  update: [
    ...['--resources', '-r', '--memory', '--memory-reservation', '--memory-swap', '--kernel-memory'],
    ...['--kernel-memory-tcp', '--cpu-share', '--cpu-shares', '--cpu-quota', '--cpu-burst', '--cpu-period'],
    ...[
      '--cpu-rt-period',
      '--cpu-rt-runtime',
      '--cpu-idle',
      '--cpuset-cpus',
      '--cpuset-mems',
      '--pids-limit',
    ],
    ...['--blkio-weight', '--l3-cache-schema', '--mem-bw-schema'],
  ],
}

/**
 * Takes the command line of a runtime apart, as runc and those that follow it read it.
 *
 * @param words what follows the program
 */
export function parseCall(words: readonly string[]): RuntimeCall {
  const globals = takeOptions(words, valued[''] ?? [])
  const [verb, ...rest] = globals.rest
  const options = takeOptions(rest, valued[verb ?? ''] ?? [])
  return { globals: globals.options, verb, options: options.options, operands: options.rest }
}

function takeOptions(
  words: readonly string[],
  withValue: readonly string[],
): { readonly options: readonly CallOption[]; readonly rest: readonly string[] } {
  const options: CallOption[] = []
  let next = 0
  for (let word = words[next]; word !== undefined && isOption(word); word = words[next]) {
    const joined = /^(?<name>--[^=]+)=(?<value>.*)$/s.exec(word)?.groups
    const value = words[next + 1]
    next += 1
    if (joined !== undefined) {
      options.push({ name: joined['name'] ?? '', value: joined['value'] ?? '', isJoined: true })
    } else if (withValue.includes(word) && value !== undefined) {
      options.push({ name: word, value })
      next += 1
    } else {
      options.push({ name: word })
    }
  }
  return { options, rest: words.slice(next) }
}

function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-' && word !== '--'
}

/** The command line that a call stands for. */
export function wordsOf({ globals, verb, options, operands }: RuntimeCall): string[] {
  return [
    ...globals.flatMap(optionWords),
    ...(verb === undefined ? [] : [verb]),
    ...options.flatMap(optionWords),
    ...operands,
  ]
}

function optionWords({ name, value, isJoined = false }: CallOption): string[] {
  if (value === undefined) return [name]
  return isJoined ? [`${name}=${value}`] : [name, value]
}

/** The value of the last option that goes by one of these names. */
export function valueIn(options: readonly CallOption[], ...names: readonly string[]): string | undefined {
  return options.findLast(({ name }) => names.includes(name))?.value
}
