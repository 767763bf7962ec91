import { flag, option, type Word } from './words.ts'

/** Options that stand before the verb, the same for every command of a `Runtime`. */
export interface GlobalOptions {
  /** `--root`: where the runtime keeps the state of its containers. */
  readonly root: string
  /** `--log`: a file of the caller's. Without it each command gets a private one, read for errors and removed. */
  readonly log?: string | undefined
  /** `--log-format`; `json` unless told. */
  readonly logFormat?: 'json' | 'text' | undefined
  readonly debug?: boolean | undefined
  readonly systemdCgroup?: boolean | undefined
  /** `--rootless=true` or `=false`; left to the runtime when absent. */
  readonly rootless?: boolean | undefined
  /** More global options, put last. */
  readonly arguments?: readonly string[] | undefined
}

/**
 * The options before the verb, in go-runc's order.
 *
 * @param privateLog the log file of this one command, used when the caller set none
 */
export function globalWords(options: GlobalOptions, privateLog: string): Word[] {
  const { root, log, logFormat, debug, systemdCgroup, rootless } = options
  return [
    ...option('--root', root),
    ...flag('--debug', debug),
    ...(log === undefined
      ? [{ own: ['--log', privateLog, '--log-format', logFormat ?? 'json'] }]
      : ['--log', log, '--log-format', logFormat ?? 'json']),
    ...flag('--systemd-cgroup', systemdCgroup),
    ...(rootless === undefined ? [] : [`--rootless=${rootless}`]),
    ...(options.arguments ?? []),
  ]
}
