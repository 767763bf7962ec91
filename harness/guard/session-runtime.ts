import { mkdirSync } from 'node:fs'
import type { ResolvedRuntime, RuntimeOptions } from '../runtime/index.ts'
import { markVariable } from './processes.ts'
import { publishFile } from './publish.ts'
import { runtimePlaces, runtimeRecordName, runtimeRecordText } from './runtime-record.ts'

/** How a session's runtime is driven: the options of `Runtime` but for those that the session decides. */
export type SessionRuntimeOptions = Omit<RuntimeOptions, 'command' | 'root' | 'directory' | 'prefix'>

/** Which of a session's runtimes it is. */
export interface RuntimeSlot {
  readonly session: { readonly id: string; readonly directory: string }
  readonly slot: string
  readonly idPrefix: string
}

/**
 * Records a runtime that a session is about to use, with all that is needed to have it delete its containers.
 *
 * @returns the options for its driver
 * @throws ENOENT when the session's directory is gone
 */
export function recordRuntime(
  { name, command, prefix, arguments: needed }: ResolvedRuntime,
  options: SessionRuntimeOptions,
  { session, slot, idPrefix }: RuntimeSlot,
): RuntimeOptions {
  const { home, root, directory, temporary } = runtimePlaces(session.directory, slot)
  const words = [...needed, ...(options.arguments ?? [])]
  mkdirSync(home, { mode: 0o711 })
  mkdirSync(temporary, { mode: 0o700 })
  const record = runtimeRecordText({
    format: 'runwright.runtime/1',
    name,
    command: [...prefix, command, '--root', root, ...flagsOf(options), ...words],
    environment: definedOnly(options.environment ?? {}),
    root,
    directory,
  })
  publishFile(home, runtimeRecordName, record)
  const environment = { TMPDIR: temporary, ...options.environment, [markVariable]: session.id }
  return { ...options, command, prefix, arguments: words, environment, idPrefix, root, directory }
}

/** The options that `delete` needs too, to find the container's cgroup. */
function flagsOf({ systemdCgroup, rootless }: SessionRuntimeOptions): string[] {
  return [
    ...(systemdCgroup === true ? ['--systemd-cgroup'] : []),
    ...(rootless === undefined ? [] : [`--rootless=${rootless}`]),
  ]
}

function definedOnly(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
