import type { Integer64 } from '../schema/notation.ts'
import type { CapabilitySets, ConsoleSize, ProcessSpec, User } from '../schema/process.ts'
import type { Spec } from '../schema/spec.ts'
import type { Capability } from '../tables/capabilities.ts'
import type { RlimitName } from '../tables/rlimits.ts'
import { changing, type Edit } from './edit.ts'

function changingProcess(change: (process: ProcessSpec, draft: Spec) => void): Edit {
  return changing((draft) => {
    draft.process ??= { cwd: '/' }
    change(draft.process, draft)
  })
}

/** Sets members of the process; what is not named stays. */
export function withProcess(members: Partial<ProcessSpec>): Edit {
  return changingProcess((process) => Object.assign(process, structuredClone(members)))
}

/** Sets the program and its arguments. */
export function withArgs(...args: readonly string[]): Edit {
  return withProcess({ args: [...args] })
}

/** Sets the absolute path the program starts in. */
export function withCwd(cwd: string): Edit {
  return withProcess({ cwd })
}

/** Sets environment variables, each in its old place or at the end; those that are `undefined` are taken out. */
export function withEnv(variables: Readonly<Record<string, string | undefined>>): Edit {
  return changingProcess((process) => {
    const env = new Map((process.env ?? []).map((entry) => [entry.split('=', 1)[0] ?? entry, entry]))
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) env.delete(name)
      else env.set(name, `${name}=${value}`)
    }
    process.env = [...env.values()]
  })
}

/** Sets members of the user; ids that neither it nor the configuration gives are 0. */
export function withUser(user: Partial<User>): Edit {
  return changingProcess((process) => {
    process.user = { uid: 0, gid: 0, ...process.user, ...structuredClone(user) }
  })
}

/** Gives the process a terminal, of a size in characters if one is given; `false` takes it away. */
export function withTerminal(terminal: boolean | ConsoleSize = true): Edit {
  return changingProcess((process) => {
    delete process.consoleSize
    process.terminal = terminal !== false
    if (typeof terminal === 'object') process.consoleSize = { ...terminal }
  })
}

/** Sets one resource limit, in place of any of the same type. `unlimited` is a value for "no limit". */
export function withRlimit(type: RlimitName, soft: Integer64, hard: Integer64 = soft): Edit {
  return changingProcess((process) => {
    const others = (process.rlimits ?? []).filter((rlimit) => rlimit.type !== type)
    process.rlimits = [...others, { type, hard, soft }]
  })
}

/** A capability, or for tests any other name. */
export type CapabilityText = Capability | (string & {})

/** The sets a process needs a capability in to use it. */
const usableSets = ['bounding', 'effective', 'permitted'] as const
const allSets = [...usableSets, 'inheritable', 'ambient'] as const

/** Sets the capabilities: exactly these sets, or exactly these names as bounding, effective and permitted set. */
export function withCapabilities(capabilities: readonly CapabilityText[] | CapabilitySets): Edit {
  const sets: CapabilitySets = isNames(capabilities)
    ? { bounding: [...capabilities], effective: [...capabilities], permitted: [...capabilities] }
    : structuredClone(capabilities)
  return withProcess({ capabilities: sets })
}

function isNames(capabilities: readonly string[] | CapabilitySets): capabilities is readonly string[] {
  return Array.isArray(capabilities)
}

/** Adds capabilities to the bounding, effective and permitted set. */
export function addCapabilities(...names: readonly CapabilityText[]): Edit {
  return changingProcess((process) => {
    const sets = { ...process.capabilities }
    for (const set of usableSets) sets[set] = [...new Set([...(sets[set] ?? []), ...names])]
    process.capabilities = sets
  })
}

/** Takes capabilities out of all five sets. */
export function dropCapabilities(...names: readonly CapabilityText[]): Edit {
  return changingProcess((process) => {
    const { capabilities } = process
    if (capabilities === undefined) return
    for (const set of allSets) {
      const present = capabilities[set]
      if (present !== undefined) capabilities[set] = present.filter((name) => !names.includes(name))
    }
  })
}

/** Sets whether the program is barred from gaining privileges. */
export function withNoNewPrivileges(noNewPrivileges = true): Edit {
  return withProcess({ noNewPrivileges })
}

/** Sets the score by which the kernel chooses whom to kill when out of memory: -1000 to 1000. */
export function withOomScoreAdj(oomScoreAdj: number): Edit {
  return withProcess({ oomScoreAdj })
}
