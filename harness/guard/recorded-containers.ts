import { join } from 'node:path'
import * as v from 'valibot'
import { isProcessAlive, type ProcessIdentity } from '../host/index.ts'
import { stateFileNames } from './dotted-container.ts'
import { knownContainers } from './runtime-deletion.ts'
import type { RuntimeRecord } from './runtime-record.ts'
import { parseSandbox, type Sandbox, sandboxFiles } from './sandbox-files.ts'
import { parseAs, readOwnFile } from './session-record.ts'

/** What a runtime wrote down about a container, as far as it serves to end it without the runtime. */
export interface RecordedContainer {
  readonly id: string
  /** Its init, where it still runs. */
  readonly init: ProcessIdentity | undefined
  /** Processes of the runtime that serve it as long as it lives. */
  readonly helpers: readonly ProcessIdentity[]
  /** Its cgroups, as paths from the root of a hierarchy or as absolute paths. */
  readonly cgroups: readonly string[]
}

const pid = v.pipe(v.number(), v.integer(), v.minValue(1))
const ticks = v.pipe(v.number(), v.integer(), v.minValue(0))

/** runc: `<root>/<id>/state.json`. */
const runcState = v.object({
  init_process_pid: pid,
  init_process_start: ticks,
  cgroup_paths: v.optional(v.record(v.string(), v.string()), {}),
})

/** crun: `<root>/<id>/status`. */
const crunStatus = v.object({
  pid,
  'process-start-time': ticks,
  'cgroup-path': v.optional(v.string(), ''),
})

interface Found {
  readonly init: ProcessIdentity
  readonly cgroups: readonly string[]
}

/** The state files of runtimes that record an init's start time, without which a pid proves nothing. */
const stateFiles: readonly { readonly file: string; readonly read: (text: string) => Found | undefined }[] = [
  {
    file: stateFileNames.runc,
    read: (text) => {
      const state = parseAs(runcState, text)
      return (
        state && {
          init: { pid: state.init_process_pid, startTime: BigInt(state.init_process_start) },
          cgroups: Object.values(state.cgroup_paths),
        }
      )
    },
  },
  {
    file: stateFileNames.crun,
    read: (text) => {
      const status = parseAs(crunStatus, text)
      return (
        status && {
          init: { pid: status.pid, startTime: BigInt(status['process-start-time']) },
          cgroups: [status['cgroup-path']],
        }
      )
    },
  },
]

/** The containers that the runtimes of a session were asked for. */
export function recordedContainers(runtimes: readonly RuntimeRecord[]): RecordedContainer[] {
  return runtimes.flatMap((runtime) => knownContainers(runtime).map((id) => recordedContainer(runtime, id)))
}

function recordedContainer({ root }: RuntimeRecord, id: string): RecordedContainer {
  const sandbox = sandboxOf(root, id)
  if (sandbox !== undefined) return { id, ...sandbox }
  for (const { file, read } of stateFiles) {
    const found = readState(join(root, id), file, read)
    if (found !== undefined) {
      return {
        id,
        init: isProcessAlive(found.init) ? found.init : undefined,
        helpers: [],
        cgroups: found.cgroups.filter(Boolean),
      }
    }
  }
  return { id, init: undefined, helpers: [], cgroups: [] }
}

/** runsc: `<root>/<id>_sandbox:<id>.state`. */
function sandboxOf(root: string, id: string): Sandbox | undefined {
  const file = sandboxFiles(root).find((found) => found.id === id && found.name.endsWith('.state'))
  return file && readState(root, file.name, (text) => parseSandbox(text, root))
}

function readState<T>(directory: string, file: string, read: (text: string) => T | undefined): T | undefined {
  try {
    return read(readOwnFile(directory, file))
  } catch {
    return undefined // no such file, or not one that can be trusted
  }
}
