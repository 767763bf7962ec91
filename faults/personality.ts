import { configuration, type Effect, executedProcess, type Fault } from '../harness/fault/index.ts'
import { changing, type JsonObject } from '../harness/spec/index.ts'
import { configuredObject, objectAt, refused } from './configured.ts'

const area = 'personality'
const domain = ['personality-domain-required']

/** A personality of whatever shape. */
function rawPersonality(change: (personality: JsonObject) => void): Effect {
  return configuredObject(['linux', 'personality'], change)
}

const domains: readonly unknown[] = ['LINUX', 'LINUX32']

function ignoring(name: 'LINUX' | 'LINUX32'): Fault {
  return {
    id: `personality-${name.toLowerCase()}-ignored`,
    area,
    violates: domain,
    sentence: `The runtime passes over the execution domain ${name}.`,
    effect: configuration(
      changing(({ linux }) => {
        if (linux?.personality?.domain === name) delete linux.personality
      }),
    ),
  }
}

export const personality: readonly Fault[] = [
  ignoring('LINUX'),
  ignoring('LINUX32'),
  {
    id: 'personality-by-default',
    area,
    violates: ['personality-optional'],
    requires: ['personality/the-program-has-the-execution-domain-linux32-where-that-is-configured'],
    sentence: 'The runtime gives programs the execution domain LINUX32 where the configuration names none.',
    effect: configuration(
      changing(({ linux }) => {
        if (linux !== undefined) linux.personality ??= { domain: 'LINUX32' }
      }),
    ),
  },
  {
    id: 'personality-empty-flags-refused',
    area,
    violates: ['personality-flags-optional'],
    sentence: 'The runtime refuses a personality with an empty list of flags.',
    effect: refused((document) => {
      const flags = objectAt(document, 'linux', 'personality')?.['flags']
      return Array.isArray(flags) && flags.length === 0
    }),
  },
  {
    id: 'personality-without-domain-is-linux',
    area,
    violates: domain,
    sentence: 'The runtime takes LINUX for an execution domain that is missing.',
    effect: rawPersonality((given) => {
      given['domain'] ??= 'LINUX'
    }),
  },
  {
    id: 'personality-of-unknown-domain-is-linux',
    area,
    violates: domain,
    sentence: 'The runtime takes an execution domain that does not exist for LINUX.',
    effect: rawPersonality((given) => {
      if (given['domain'] !== undefined && !domains.includes(String(given['domain']).toUpperCase()))
        given['domain'] = 'LINUX'
    }),
  },
  {
    id: 'personality-domain-in-any-case',
    area,
    violates: domain,
    sentence: 'The runtime takes an execution domain in small letters, too.',
    effect: rawPersonality((given) => {
      const name = String(given['domain']).toUpperCase()
      if (domains.includes(name)) given['domain'] = name
    }),
  },
  {
    id: 'personality-lost-in-exec',
    area,
    violates: [],
    tests: ['personality/an-executed-process-has-the-personality-of-its-container'],
    sentence: 'The runtime runs executed processes in the execution domain LINUX.',
    effect: executedProcess((process) => {
      process.args = ['linux64', ...(process.args ?? [])]
    }),
  },
]
