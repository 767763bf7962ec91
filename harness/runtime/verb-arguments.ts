import { RuntimeOptionError } from './errors.ts'
import { flag, option, type Word } from './words.ts'

/** What `create`, `run` and `restore` have in common on the command line. */
export interface LaunchArguments {
  readonly bundle: string
  readonly pidFile: string
  readonly consoleSocket?: string | undefined
  readonly preserveDescriptors?: number | undefined
  readonly noPivot?: boolean | undefined
  readonly noNewKeyring?: boolean | undefined
  readonly detach?: boolean | undefined
  readonly keep?: boolean | undefined
  readonly arguments?: readonly string[] | undefined
}

/** `create --bundle B … ID` and `run [--detach] --bundle B … ID`. */
export function launchWords(verb: 'create' | 'run', id: string, launch: LaunchArguments): Word[] {
  return [
    verb,
    ...flag('--detach', launch.detach),
    ...option('--bundle', launch.bundle),
    ...pidFileWords(launch.pidFile),
    ...option('--console-socket', launch.consoleSocket),
    ...flag('--no-pivot', launch.noPivot),
    ...flag('--no-new-keyring', launch.noNewKeyring),
    ...descriptorWords(launch.preserveDescriptors),
    ...flag('--keep', launch.keep),
    ...(launch.arguments ?? []),
    id,
  ]
}

function pidFileWords(pidFile: string): Word[] {
  return [{ own: ['--pid-file', pidFile] }]
}

function descriptorWords(count: number | undefined): string[] {
  return count === undefined || count === 0 ? [] : ['--preserve-fds', String(count)]
}

/** What `exec` is told on the command line. */
export interface ExecArguments {
  /** A file with the process, or the words of the command. */
  readonly process: { readonly file: string } | { readonly args: readonly string[] }
  readonly pidFile: string
  readonly consoleSocket?: string | undefined
  readonly terminal?: boolean | undefined
  readonly preserveDescriptors?: number | undefined
  readonly detach?: boolean | undefined
  readonly arguments?: readonly string[] | undefined
}

/** `exec --process F … ID`, or `exec … ID COMMAND…`. */
export function execWords(id: string, exec: ExecArguments): Word[] {
  const { process } = exec
  return [
    'exec',
    ...flag('--detach', exec.detach),
    ...('file' in process ? ['--process', process.file] : flag('--tty', exec.terminal)),
    ...pidFileWords(exec.pidFile),
    ...option('--console-socket', exec.consoleSocket),
    ...descriptorWords(exec.preserveDescriptors),
    ...(exec.arguments ?? []),
    id,
    ...('args' in process ? process.args : []),
  ]
}

/** `kill [--all] ID SIGNAL`; the signal as a number, which every runtime takes. */
export function killWords(
  id: string,
  signal: number,
  { all }: { readonly all?: boolean | undefined },
): Word[] {
  return ['kill', ...flag('--all', all), id, String(signal)]
}

/** `delete [--force] ID` */
export function deleteWords(id: string, { force }: { readonly force?: boolean | undefined }): Word[] {
  return ['delete', ...flag('--force', force), id]
}

/**
 * `events [--interval N] ID`. The interval is given in milliseconds, so that one below a second does not become 0,
 * which runc refuses.
 *
 * @throws RuntimeOptionError for an interval that is not a positive whole number
 */
export function eventsWords(
  id: string,
  { intervalMs }: { readonly intervalMs?: number | undefined },
): Word[] {
  if (intervalMs !== undefined && !(Number.isSafeInteger(intervalMs) && intervalMs > 0)) {
    throw new RuntimeOptionError(`the interval of events is ${intervalMs} ms: give a whole number above 0`)
  }
  return ['events', ...(intervalMs === undefined ? [] : [`--interval=${intervalMs}ms`]), id]
}

/** How CRIU treats what a checkpoint or a restored container holds. */
export interface CriuOptions {
  readonly workPath?: string | undefined
  readonly tcpEstablished?: boolean | undefined
  readonly externalUnixSockets?: boolean | undefined
  readonly shellJob?: boolean | undefined
  readonly fileLocks?: boolean | undefined
  readonly lazyPages?: boolean | undefined
  readonly autoDedup?: boolean | undefined
  readonly manageCgroups?: 'soft' | 'full' | 'strict' | 'ignore' | undefined
  /** Namespaces that are made but whose properties are not restored, such as `network`. */
  readonly emptyNamespaces?: readonly string[] | undefined
  readonly arguments?: readonly string[] | undefined
}

/** How `checkpoint` is done. */
export interface CheckpointOptions extends CriuOptions {
  /** Where the image goes. */
  readonly imagePath: string
  /** The image of an earlier pre-dump, relative to `imagePath`. */
  readonly parentPath?: string | undefined
  readonly leaveRunning?: boolean | undefined
  /** Dump the memory only, and leave the container running. */
  readonly preDump?: boolean | undefined
  /** `ADDRESS:PORT` of the page server. */
  readonly pageServer?: string | undefined
  /** A descriptor that CRIU writes `\0` to when lazy pages are ready; the runtime gets it as descriptor 3. */
  readonly statusDescriptor?: number | undefined
}

/** `checkpoint … ID` */
export function checkpointWords(id: string, options: CheckpointOptions): Word[] {
  return [
    'checkpoint',
    ...option('--image-path', options.imagePath),
    ...option('--parent-path', options.parentPath),
    ...flag('--leave-running', options.leaveRunning),
    ...flag('--pre-dump', options.preDump),
    ...option('--page-server', options.pageServer),
    ...(options.statusDescriptor === undefined ? [] : ['--status-fd', '3']),
    ...criuWords(options),
    id,
  ]
}

/** `restore … --bundle B ID` */
export function restoreWords(
  id: string,
  launch: LaunchArguments,
  options: CriuOptions & { readonly imagePath: string; readonly noSubreaper?: boolean | undefined },
): Word[] {
  return [
    'restore',
    ...flag('--detach', launch.detach),
    ...option('--bundle', launch.bundle),
    ...pidFileWords(launch.pidFile),
    ...option('--console-socket', launch.consoleSocket),
    ...flag('--no-pivot', launch.noPivot),
    ...option('--image-path', options.imagePath),
    ...flag('--no-subreaper', options.noSubreaper),
    ...criuWords(options),
    id,
  ]
}

function criuWords(options: CriuOptions): Word[] {
  return [
    ...option('--work-path', options.workPath),
    ...flag('--tcp-established', options.tcpEstablished),
    ...flag('--ext-unix-sk', options.externalUnixSockets),
    ...flag('--shell-job', options.shellJob),
    ...flag('--file-locks', options.fileLocks),
    ...flag('--lazy-pages', options.lazyPages),
    ...flag('--auto-dedup', options.autoDedup),
    ...option('--manage-cgroups-mode', options.manageCgroups),
    ...(options.emptyNamespaces ?? []).flatMap((namespace) => option('--empty-ns', namespace)),
    ...(options.arguments ?? []),
  ]
}
