import { readdirSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { identifyProcess, type ProcessIdentity } from '../host/index.ts'
import { parseAs } from './session-record.ts'

/** What gVisor's runsc writes down about a container: a file beside others, where other runtimes have a directory. */
export interface SandboxFile {
  /** The container's. */
  readonly id: string
  /** The file's name, in the runtime's root. */
  readonly name: string
}

const namePattern = /^(?<id>.+)_sandbox:.+\.(?:state|lock)$/

/** The files of runsc's containers in a runtime's root: the state, and the lock that is there before it. */
export function sandboxFiles(root: string): SandboxFile[] {
  return entriesOf(root).flatMap((name) => {
    const id = namePattern.exec(name)?.groups?.['id']
    return id === undefined ? [] : [{ id, name }]
  })
}

const pid = v.optional(v.number(), 0)

/** Its sandbox's cgroup is named by `name` where the host has version 1, by `path` where it has version 2. */
const sandboxState = v.object({
  goferPid: pid,
  sandbox: v.optional(
    v.object({
      pid,
      cgroup: v.optional(
        v.record(
          v.string(),
          v.nullish(v.object({ name: v.optional(v.string()), path: v.optional(v.string()) })),
        ),
        {},
      ),
    }),
  ),
})

/** The processes and cgroups of a container of runsc. */
export interface Sandbox {
  /** The sandbox itself, whose end is the container's. */
  readonly init: ProcessIdentity | undefined
  /** The gofer, which opens files for the sandbox. */
  readonly helpers: readonly ProcessIdentity[]
  readonly cgroups: readonly string[]
}

/**
 * Reads what a state file says. It has no start times; a pid is believed only if the command line of that process
 * names the same root.
 */
export function parseSandbox(text: string, root: string): Sandbox | undefined {
  const state = parseAs(sandboxState, text)
  if (state === undefined) return undefined
  const { goferPid, sandbox } = state
  const gofer = processOf(goferPid, root)
  return {
    init: processOf(sandbox?.pid ?? 0, root),
    helpers: gofer === undefined ? [] : [gofer],
    cgroups: Object.values(sandbox?.cgroup ?? {}).flatMap((cgroup) => cgroup?.name ?? cgroup?.path ?? []),
  }
}

function processOf(candidate: number, root: string): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(candidate) || candidate <= 0) return undefined
  // Identified first: should the pid pass on in between, it is the identity that is no longer anybody's.
  const identity = identifyProcess(candidate)
  return identity !== undefined && wordsOf(candidate).includes(`--root=${root}`) ? identity : undefined
}

function wordsOf(candidate: number): readonly string[] {
  try {
    return readFileSync(`/proc/${candidate}/cmdline`, 'latin1').split('\0')
  } catch {
    return [] // ended meanwhile
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
