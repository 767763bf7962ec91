import { configuration, type Effect, type Fault } from '../harness/fault/index.ts'
import {
  changing,
  type JsonObject,
  type MemoryPolicy,
  memoryPolicyFlags,
  memoryPolicyModes,
} from '../harness/spec/index.ts'
import { configuredObject, objectAt } from './configured.ts'

const area = 'memory-policy'

/** The memory policy of a configuration is another. */
function policy(change: (policy: MemoryPolicy) => void): Effect {
  return configuration(
    changing(({ linux }) => {
      if (linux?.memoryPolicy !== undefined) change(linux.memoryPolicy)
    }),
  )
}

/** Drops a memory policy, of whatever shape, of which this holds. */
function droppingWhere(holds: (policy: JsonObject) => boolean): Effect {
  return configuredObject(['linux'], (linux) => {
    const given = objectAt(linux, 'memoryPolicy')
    if (given !== undefined && holds(given)) delete linux['memoryPolicy']
  })
}

const modes: readonly unknown[] = memoryPolicyModes
const flags: readonly unknown[] = memoryPolicyFlags

function flagsOf({ flags = [] }: JsonObject): readonly unknown[] {
  return Array.isArray(flags) ? flags : []
}

export const memoryPolicy: readonly Fault[] = [
  {
    id: 'memory-policy-ignored',
    area,
    violates: ['memorypolicy-optional', 'memorypolicy-mode-required'],
    sentence: 'The runtime passes over the memory policy of a configuration.',
    effect: droppingWhere(() => true),
  },
  {
    id: 'memory-policy-by-default',
    area,
    violates: ['memorypolicy-optional'],
    sentence: 'The runtime lets programs prefer the memory near them where the configuration says nothing.',
    effect: configuration(
      changing(({ linux }) => {
        if (linux !== undefined) linux.memoryPolicy ??= { mode: 'MPOL_LOCAL', nodes: '' }
      }),
    ),
  },
  {
    id: 'memory-policy-mode-is-bind',
    area,
    violates: ['memorypolicy-mode-required'],
    sentence: 'The runtime takes every memory policy for MPOL_BIND.',
    effect: policy((given) => {
      if (given.nodes !== undefined && given.nodes !== '') given.mode = 'MPOL_BIND'
    }),
  },
  {
    id: 'memory-policy-flags-lost',
    area,
    violates: ['memorypolicy-flags-optional'],
    sentence: 'The runtime passes over the flags of a memory policy.',
    effect: policy((given) => {
      delete given.flags
    }),
  },
  {
    id: 'memory-policy-of-unknown-mode-ignored',
    area,
    violates: ['memorypolicy-mode-required'],
    sentence: 'The runtime passes over a memory policy without a mode that exists.',
    effect: droppingWhere(({ mode }) => !modes.includes(mode)),
  },
  {
    id: 'memory-policy-of-wrong-nodes-ignored',
    area,
    violates: ['memorypolicy-nodes-optional'],
    sentence: 'The runtime passes over a memory policy whose nodes do not fit.',
    effect: droppingWhere(
      ({ mode, nodes }) => nodes === '1000' || (mode === 'MPOL_BIND') === (nodes === undefined),
    ),
  },
  {
    id: 'memory-policy-of-wrong-flags-ignored',
    area,
    violates: ['memorypolicy-flags-optional'],
    sentence: 'The runtime passes over a memory policy whose flags do not exist or exclude each other.',
    effect: droppingWhere(
      (given) => flagsOf(given).length > 1 || flagsOf(given).some((flag) => !flags.includes(flag)),
    ),
  },
]
