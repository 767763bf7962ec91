import { before, configuration, type Effect, type Fault } from '../harness/fault/index.ts'
import { changing } from '../harness/spec/index.ts'

const area = 'sysctl'
const violates = ['sysctl-optional']

/** The kernel parameters of a configuration are others. */
function parameters(
  change: (parameters: readonly (readonly [string, string])[]) => readonly (readonly [string, string])[],
): Effect {
  return configuration(
    changing(({ linux }) => {
      if (linux?.sysctl !== undefined) linux.sysctl = Object.fromEntries(change(Object.entries(linux.sysctl)))
    }),
  )
}

export const sysctl: readonly Fault[] = [
  {
    id: 'sysctl-ignored',
    area,
    violates,
    sentence: 'The runtime sets no kernel parameter.',
    effect: parameters(() => []),
  },
  {
    id: 'sysctl-only-first',
    area,
    violates,
    sentence: 'The runtime sets the first kernel parameter of several.',
    effect: parameters((all) => all.slice(0, 1)),
  },
  {
    id: 'sysctl-only-last',
    area,
    violates,
    sentence: 'The runtime sets the last kernel parameter of several.',
    effect: parameters((all) => all.slice(-1)),
  },
  ...['kernel.', 'net.', 'fs.'].map(
    (prefix): Fault => ({
      id: `sysctl-${prefix.slice(0, -1)}-ignored`,
      area,
      violates,
      sentence: `The runtime passes over kernel parameters whose names begin with ${prefix.slice(0, -1)}.`,
      effect: parameters((all) => all.filter(([name]) => !name.startsWith(prefix))),
    }),
  ),
  {
    id: 'sysctl-cut-at-blank',
    area,
    violates,
    sentence: 'The runtime sets the first of several numbers that a kernel parameter consists of.',
    effect: parameters((all) => all.map(([name, value]) => [name, value.split(' ', 1).join()] as const)),
  },
  {
    id: 'sysctl-set-in-namespace-of-runtime',
    area,
    violates,
    sentence: 'The runtime sets a kernel parameter in its own namespace, too.',
    // Never in the namespace of the machine, which is to keep its parameters.
    effect: before(
      ['create', 'run'],
      '[ "$(readlink /proc/self/ns/ipc)" = "$(readlink /proc/1/ns/ipc)" ] || echo 8009 >/proc/sys/kernel/msgmax',
    ),
  },
  {
    id: 'sysctl-lost-under-read-only-path',
    area,
    violates,
    sentence: 'The runtime passes over kernel parameters where /proc/sys is read-only as a whole.',
    effect: configuration(
      changing(({ linux }) => {
        if (linux?.readonlyPaths?.length === 1) delete linux.sysctl
      }),
    ),
  },
]
