import { copySpec, type DeepReadonly, type ProcessSpec, type Spec } from '../spec/index.ts'
import type { CallOption } from './runtime-call.ts'

/** What each option of `exec` means for the process that it starts. */
const meanings: Readonly<Record<string, (process: ProcessSpec, value: string) => void>> = {
  '--cwd': (process, value) => {
    process.cwd = value
  },
  '--env': (process, value) => {
    process.env = [...(process.env ?? []), value]
  },
  '--user': (process, value) => {
    const [uid, gid = 0] = value.split(':').map(Number)
    process.user = { uid: uid ?? 0, gid }
  },
  '--additional-gids': (process, value) => {
    const { uid = 0, gid = 0, additionalGids = [] } = process.user ?? {}
    process.user = { uid, gid, additionalGids: [...additionalGids, Number(value)] }
  },
  '--cap': (process, value) => {
    const {
      bounding = [],
      effective = [],
      inheritable = [],
      permitted = [],
      ambient,
    } = process.capabilities ?? {}
    const sets = { bounding, effective, inheritable, permitted }
    const grown = Object.fromEntries(
      Object.entries(sets).map(([name, set]) => [name, [...new Set([...set, value])]]),
    )
    process.capabilities = { ...grown, ...(ambient === undefined ? {} : { ambient }) }
  },
  '--tty': (process) => {
    process.terminal = true
  },
  '--no-new-privs': (process) => {
    process.noNewPrivileges = true
  },
}

const longNames: Readonly<Record<string, string>> = {
  '-e': '--env',
  '-u': '--user',
  '-g': '--additional-gids',
  '-c': '--cap',
  '-t': '--tty',
}

/** Options of `exec` that say how the command goes on, and nothing of the process. */
const ofCommand = ['--detach', '-d', '--pid-file', '--console-socket', '--preserve-fds', '--cgroup']

/**
 * The process that `exec ID COMMAND…` starts: the container's own but for its program and what the options say.
 *
 * @returns the process, and the options that remain beside a process file
 */
export function processOf(
  spec: DeepReadonly<Spec>,
  options: readonly CallOption[],
  args: readonly string[],
): { readonly process: ProcessSpec; readonly remaining: readonly CallOption[] } {
  const process: ProcessSpec = { cwd: '/', ...copySpec(spec).process, args: [...args], terminal: false }
  for (const { name, value = '' } of options) meanings[longNames[name] ?? name]?.(process, value)
  return { process, remaining: options.filter(({ name }) => ofCommand.includes(name)) }
}
