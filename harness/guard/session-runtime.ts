import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ResolvedRuntime, RuntimeOptions } from '../runtime/index.ts'
import { entriesOf } from './own-process.ts'
import { markVariable } from './processes.ts'
import { publishFile } from './publish.ts'
import { type RuntimeRecord, runtimePlaces, runtimeRecordName, runtimeRecordText } from './runtime-record.ts'

/** How a session's runtime is driven: the options of `Runtime` but for those that the session decides. */
export type SessionRuntimeOptions = Omit<RuntimeOptions, 'command' | 'root' | 'directory' | 'prefix'>

/** Which of a session's runtimes it is. */
export interface RuntimeSlot {
  readonly session: { readonly id: string; readonly directory: string }
  readonly slot: string
  readonly idPrefix: string
}

/** A runtime of a session's: its record and the options for its driver. */
export interface SessionRuntime {
  readonly slot: string
  readonly record: RuntimeRecord
  readonly options: RuntimeOptions
}

/** What a session's runtime in a slot is like, with all that is needed to have it delete its containers. */
export function runtimeIn(
  { name, command, prefix, arguments: needed }: ResolvedRuntime,
  options: SessionRuntimeOptions,
  { session, slot, idPrefix }: RuntimeSlot,
): SessionRuntime {
  const { root, directory, temporary } = runtimePlaces(session.directory, slot)
  const words = [...needed, ...(options.arguments ?? [])]
  const environment = { TMPDIR: temporary, ...options.environment, [markVariable]: session.id }
  return {
    slot,
    record: {
      format: 'runwright.runtime/1',
      name,
      command: [...prefix, command, '--root', root, ...flagsOf(options), ...words],
      environment: definedOnly(options.environment ?? {}),
      root,
      directory,
    },
    options: { ...options, command, prefix, arguments: words, environment, idPrefix, root, directory },
  }
}

/**
 * Records a runtime that a session is about to use.
 *
 * @throws ENOENT when the session's directory is gone
 */
export function recordRuntime(session: string, { slot, record }: SessionRuntime): void {
  const { home, temporary } = runtimePlaces(session, slot)
  mkdirSync(home, { mode: 0o711 })
  mkdirSync(temporary, { mode: 0o700 })
  publishFile(home, runtimeRecordName, runtimeRecordText(record))
}

/**
 * Slots whose runtimes are done and have left nothing, each to be taken by the next that is driven in the same way: to
 * make and remove its directories costs more than some commands do, where they are not in memory.
 */
export class IdleSlots {
  readonly #slots = new Map<string, string[]>()

  /** A slot that the record fits but for its places; undefined when there is none. */
  take(record: RuntimeRecord): string | undefined {
    return this.#slots.get(kindOf(record))?.pop()
  }

  /** Takes a slot back. @returns whether it is as it was in the beginning */
  giveBack(session: string, { slot, record }: SessionRuntime): boolean {
    if (!isPristine(runtimePlaces(session, slot))) return false
    const others = this.#slots.get(kindOf(record))
    if (others === undefined) this.#slots.set(kindOf(record), [slot])
    else others.push(slot)
    return true
  }
}

function kindOf({ root, directory: _, command, ...rest }: RuntimeRecord): string {
  return JSON.stringify({ ...rest, command: command.filter((word) => word !== root) })
}

function isPristine({ root, directory, temporary }: ReturnType<typeof runtimePlaces>): boolean {
  const [commands, ...containers] = entriesOf(directory)
  const hasNoCommand = commands === undefined || entriesOf(join(directory, commands)).length === 0
  const isEmpty = (path: string) => entriesOf(path).length === 0
  return containers.length === 0 && hasNoCommand && isEmpty(root) && isEmpty(temporary)
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
