import {
  answer,
  configurationDocument,
  configurationText,
  type Effect,
  type Fault,
  program,
} from '../harness/fault/index.ts'
import type { JsonObject, JsonValue } from '../harness/spec/index.ts'
import { objectAt, objectsIn, refused } from './configured.ts'

const area = 'validation-errors'

const invalid = ['valid-values-invalid-errors']
const encoding = ['json-utf8-encoding']

/** Gives another value for one that is invalid, or none, and the same for every other. */
type Repair = (value: JsonValue) => JsonValue | undefined

/** Values that the runtime takes although they are invalid, by the members that they are found in. */
interface Leniency {
  readonly id: string
  readonly sentence: string
  readonly places: readonly string[]
  readonly repair: Repair
  /** The test that has to notice, where a runtime may know nothing of all this. */
  readonly test?: string
}

const numberOfText = (value: JsonValue) => (typeof value === 'string' ? Number.parseInt(value, 10) : value)
const textOfNumber = (value: JsonValue) => (typeof value === 'number' ? String(value) : value)
const listOfText = (value: JsonValue) => (typeof value === 'string' ? value.split(' ') : value)
const flagOfText = (value: JsonValue) => (typeof value === 'string' ? value === 'yes' : value)

function textsOfNumbers(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(textOfNumber)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, textOfNumber(member)]))
}

function dropping(isWrong: (value: JsonValue) => boolean): Repair {
  return (value) => (isWrong(value) ? undefined : value)
}

const leniencies: readonly Leniency[] = [
  {
    id: 'texts-taken-for-numbers',
    sentence: 'The runtime takes a text with digits for a number.',
    places: [
      'process.user.uid',
      'process.oomScoreAdj',
      'linux.resources.memory.limit',
      'linux.resources.pids.limit',
    ],
    repair: numberOfText,
  },
  {
    id: 'numbers-taken-for-texts',
    sentence: 'The runtime takes a number for the text of its digits.',
    places: ['hostname'],
    repair: textOfNumber,
  },
  {
    id: 'numbers-taken-for-arguments',
    sentence: 'The runtime takes numbers for arguments of the program.',
    places: ['process.args'],
    repair: textsOfNumbers,
  },
  {
    id: 'numbers-taken-for-values-of-maps',
    sentence: 'The runtime takes numbers for kernel parameters and annotations.',
    places: ['annotations', 'linux.sysctl'],
    repair: textsOfNumbers,
  },
  {
    id: 'numbers-taken-for-directories',
    sentence: 'The runtime takes a number for the working directory that is the default one.',
    places: ['process.cwd'],
    repair: (value) => (typeof value === 'number' ? '/' : value),
  },
  {
    id: 'texts-taken-for-lists',
    sentence: 'The runtime takes a text for a list of its words.',
    places: ['process.args', 'process.env', 'linux.maskedPaths'],
    repair: listOfText,
  },
  {
    id: 'text-taken-for-mount-options',
    sentence: 'The runtime takes a text for the options of a mount.',
    places: ['mounts.0.options'],
    repair: listOfText,
  },
  {
    id: 'texts-taken-for-flags',
    sentence: 'The runtime takes a text for a flag.',
    places: ['process.terminal', 'root.readonly'],
    repair: flagOfText,
  },
  {
    id: 'negative-user-id-is-root',
    sentence: 'The runtime takes a negative user id for 0.',
    places: ['process.user.uid'],
    repair: (value) => (Number(value) < 0 ? 0 : value),
  },
  {
    id: 'user-id-of-32-bits',
    sentence: 'The runtime has room for 32 bits of a user id.',
    places: ['process.user.uid'],
    repair: (value) => (Number(value) >= 2 ** 32 ? Number(value) % 2 ** 32 : value),
  },
  {
    id: 'user-id-without-fraction',
    sentence: 'The runtime cuts the fraction of a user id off.',
    places: ['process.user.uid'],
    repair: (value) => (typeof value === 'number' ? Math.trunc(value) : value),
  },
  {
    id: 'oom-score-cut-to-1000',
    sentence: 'The runtime takes an out-of-memory score above 1000 for 1000.',
    places: ['process.oomScoreAdj'],
    repair: (value) => (Number(value) > 1000 ? 1000 : value),
  },
  {
    id: 'negative-rlimit-dropped',
    sentence: 'The runtime passes over resource limits with a negative number.',
    places: ['process.rlimits'],
    repair: (value) => (objectsIn(value).some(({ soft }) => Number(soft) < 0) ? [] : value),
  },
  {
    id: 'list-taken-for-process',
    sentence: 'The runtime runs a default program where the process is an empty list.',
    places: ['process'],
    repair: (value) =>
      Array.isArray(value) ? { cwd: '/', args: ['sleep', '1000'], env: ['PATH=/bin'] } : value,
  },
  {
    id: 'root-may-be-its-path',
    sentence: 'The runtime takes a text for the path of the root file system.',
    places: ['root'],
    repair: (value) => (typeof value === 'string' ? { path: value } : value),
  },
  {
    id: 'number-taken-for-root-path',
    sentence: 'The runtime takes the root file system from its usual place where its path is a number.',
    places: ['root.path'],
    repair: (value) => (typeof value === 'number' ? 'rootfs' : value),
  },
  {
    id: 'mounts-that-are-no-list-dropped',
    sentence: 'The runtime mounts nothing but /proc where mounts is no list.',
    places: ['mounts'],
    repair: (value) =>
      Array.isArray(value) ? value : [{ destination: '/proc', type: 'proc', source: 'proc' }],
  },
  {
    id: 'namespaces-of-unknown-type-dropped',
    sentence: 'The runtime passes over namespaces of types that do not exist.',
    places: ['linux.namespaces'],
    repair: (value) => objectsIn(value).filter(({ type }) => type !== 'flavour'),
  },
  {
    id: 'resources-that-are-no-object-dropped',
    sentence: 'The runtime sets no limits where linux.resources is no object.',
    places: ['linux.resources'],
    repair: dropping((value) => typeof value === 'string'),
  },
  {
    id: 'unknown-propagation-dropped',
    sentence: 'The runtime passes over a propagation of the root file system that does not exist.',
    places: ['linux.rootfsPropagation'],
    repair: dropping((value) => value === 'sideways'),
  },
  {
    id: 'unknown-personality-dropped',
    sentence: 'The runtime passes over a personality whose execution domain does not exist.',
    places: ['linux.personality'],
    repair: dropping((value) => objectAt(value)?.['domain'] === 'PLAN9'),
    test: 'validation-errors/create-refuses-an-execution-domain-that-does-not-exist',
  },
  {
    id: 'hooks-that-are-no-object-dropped',
    sentence: 'The runtime runs no hooks where hooks is no object.',
    places: ['hooks'],
    repair: dropping((value) => typeof value === 'string'),
  },
  {
    id: 'hooks-that-are-no-list-dropped',
    sentence: 'The runtime runs no hooks of a kind where they are no list.',
    places: ['hooks.poststop'],
    repair: dropping((value) => !Array.isArray(value)),
  },
]

function lenientFault({ id, sentence, places, repair, test }: Leniency): Fault {
  const effect = configurationDocument((document) => {
    for (const place of places) {
      const path = place.split('.')
      const name = path.pop() ?? ''
      const object = objectAt(document, ...path)
      const value = object?.[name]
      if (object === undefined || value === undefined) continue
      const repaired = repair(value)
      if (repaired === undefined) delete object[name]
      else object[name] = repaired
    }
  })
  if (test === undefined) return { id, area, violates: invalid, sentence, effect }
  return { id, area, violates: [], tests: [test], sentence, effect }
}

/** Where a configuration may have properties that the runtime does not know, in the words of a sentence. */
const extensible: readonly (readonly [where: string, ...path: string[]])[] = [
  ['at the top of a configuration'],
  ['in process', 'process'],
  ['in process.user', 'process', 'user'],
  ['in process.capabilities', 'process', 'capabilities'],
  ['in root', 'root'],
  ['in a mount', 'mounts', '0'],
  ['in linux', 'linux'],
  ['in a namespace', 'linux', 'namespaces', '0'],
  ['in linux.resources', 'linux', 'resources'],
  ['in linux.seccomp', 'linux', 'seccomp'],
  ['in hooks', 'hooks'],
  ['in a hook', 'hooks', 'createRuntime', '0'],
]

function strictFault([where, ...path]: (typeof extensible)[number]): Fault {
  return {
    id: `unknown-property-${where.replaceAll(/[^a-z]+/g, '-')}-refused`,
    area,
    violates: ['extensibility-unknown-ignored'],
    sentence: `The runtime refuses properties that it does not know ${where}.`,
    effect: refused((document) =>
      Object.keys(objectAt(document, ...path) ?? {}).some((name) => name.startsWith('x-')),
    ),
  }
}

/** Versions of the specification that this runtime does not take. */
const refusedVersions: readonly (readonly [what: string, isMeant: RegExp])[] = [
  ['1.0.0', /^1\.0\.0$/],
  ['1.0.1', /^1\.0\.1$/],
  ['1.0.2', /^1\.0\.2$/],
  ['a release candidate', /-rc/],
  ['a development version', /^1\.0\.\d+-dev$/],
  ['a version with metadata of its build', /\+/],
]

function refusingVersion([what, isMeant]: (typeof refusedVersions)[number]): Fault {
  return {
    id: `version-${what.replaceAll(/[^a-z0-9]+/g, '-')}-refused`,
    area,
    violates: ['ociversion-compatibility'],
    sentence: `The runtime refuses a configuration of ${what.startsWith('1') ? `version ${what}` : what}.`,
    effect: refused(({ ociVersion }) => isMeant.test(String(ociVersion))),
  }
}

function version(repair: (version: JsonValue | undefined) => JsonValue | undefined): Effect {
  return configurationDocument((document: JsonObject) => {
    const repaired = repair(document['ociVersion'])
    if (repaired !== undefined) document['ociVersion'] = repaired
  })
}

export const validation: readonly Fault[] = [
  ...leniencies.map(lenientFault),
  ...extensible.map(strictFault),
  ...refusedVersions.map(refusingVersion),
  {
    id: 'version-that-is-a-number-accepted',
    area,
    violates: ['ociversion-required'],
    sentence: 'The runtime takes a number for the version of a configuration.',
    effect: version((given) => (typeof given === 'number' ? `${given}.0.0` : given)),
  },
  {
    id: 'unreadable-configuration-is-no-error',
    area,
    violates: invalid,
    tests: ['validation-errors'],
    sentence: 'The runtime makes no container of a configuration that is no JSON object, and exits with 0.',
    effect: program(
      'create',
      [
        '"$REAL" "$@" && exit',
        'runwright_status=$?',
        // The first and the last line of whatever is an object.
        `tr -d ' \\t\\n\\r' <"$BUNDLE/config.json" | grep -q '^{.*}$' || exit 0`,
        'exit "$runwright_status"',
      ].join('\n'),
    ),
  },
  {
    id: 'comma-too-many-accepted',
    area,
    violates: invalid,
    sentence: 'The runtime takes a configuration with a comma behind its last member.',
    effect: configurationText((text) => text.replace(/,\s*}\s*$/, '}')),
  },
  {
    id: 'list-of-configurations-accepted',
    area,
    violates: invalid,
    sentence: 'The runtime takes the first configuration of a list.',
    effect: configurationText((text) => text.replace(/^\s*\[(.*)\]\s*$/s, '$1')),
  },
  {
    id: 'utf-16-accepted',
    area,
    violates: encoding,
    sentence: 'The runtime takes a configuration in UTF-16.',
    effect: configurationText((text) => text.replaceAll('\0', '')),
  },
  {
    id: 'texts-cut-to-ascii',
    area,
    violates: encoding,
    sentence: 'The runtime replaces characters beyond ASCII in a configuration by question marks.',
    effect: configurationText((text) => text.replaceAll(/[^\p{ASCII}\ufffd]/gu, '?')),
  },
  {
    id: 'texts-of-16-bits',
    area,
    violates: encoding,
    sentence: 'The runtime loses characters beyond the 16 bits that are the basic ones.',
    effect: configurationText((text) => text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, '')),
  },
  {
    id: 'state-cut-to-ascii',
    area,
    violates: encoding,
    sentence: 'The runtime replaces characters beyond ASCII in the annotations of a state by question marks.',
    effect: answer('state', (state) => {
      const annotations = objectAt(state, 'annotations') ?? {}
      for (const [name, text] of Object.entries(annotations))
        annotations[name] = String(text).replaceAll(/\P{ASCII}/gu, '?')
    }),
  },
]
