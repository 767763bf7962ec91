import { answer, before, configuration, type Fault } from '../harness/fault/index.ts'
import { changing, type JsonObject } from '../harness/spec/index.ts'
import { isObject } from './json-object.ts'

/** The object at a path of the structure; an empty one that stands nowhere, where there is none. */
function within(structure: JsonObject, path: readonly string[]): JsonObject {
  let found = structure
  for (const name of path) {
    const inner = found[name]
    if (!isObject(inner)) return {}
    found = inner
  }
  return found
}

/** Lists of the structure: what is listed too much, where it stands, and the requirement on every entry. */
const lists: Readonly<
  Record<string, { readonly path: readonly string[]; readonly entry: string; readonly violates: string }>
> = {
  'a kind of hook': { path: ['hooks'], entry: 'prestop', violates: 'features-hooks-supported' },
  'a recursive mount option': {
    path: ['mountOptions'],
    entry: 'rdirsync',
    violates: 'features-mountoptions-recognized',
  },
  'a mount option': {
    path: ['mountOptions'],
    entry: 'noquota',
    violates: 'features-mountoptions-recognized',
  },
  'a mount option of one file system': {
    path: ['mountOptions'],
    entry: 'size',
    violates: 'features-mountoptions-no-fs-specific',
  },
  'a type of namespace': {
    path: ['linux', 'namespaces'],
    entry: 'printer',
    violates: 'features-namespaces-recognized',
  },
  'an action of filters': {
    path: ['linux', 'seccomp', 'actions'],
    entry: 'SCMP_ACT_WAIT',
    violates: 'features-seccomp-actions-recognized',
  },
  'an operator of filters': {
    path: ['linux', 'seccomp', 'operators'],
    entry: 'SCMP_CMP_NEARLY',
    violates: 'features-seccomp-operators-recognized',
  },
  'a known flag of filters': {
    path: ['linux', 'seccomp', 'knownFlags'],
    entry: 'SECCOMP_FILTER_FLAG_QUIET',
    violates: 'features-seccomp-knownflags-recognized',
  },
  'a supported flag of filters': {
    path: ['linux', 'seccomp', 'supportedFlags'],
    entry: 'SECCOMP_FILTER_FLAG_QUIET',
    violates: 'features-seccomp-supportedflags-supported',
  },
  'a mode of memory policies': {
    path: ['linux', 'memoryPolicy', 'modes'],
    entry: 'MPOL_SCATTER',
    violates: 'features-memorypolicy-modes-recognized',
  },
  'a flag of memory policies': {
    path: ['linux', 'memoryPolicy', 'flags'],
    entry: 'MPOL_F_SCATTER',
    violates: 'features-memorypolicy-flags-recognized',
  },
}

const kebab = (words: string) => words.replaceAll(' ', '-')

/** What else may be wrong in the structure. */
const mistakes: Readonly<
  Record<
    string,
    readonly [sentence: string, violates: readonly string[], change: (structure: JsonObject) => void]
  >
> = {
  'features-versions-swapped': [
    'names the newest version of the specification as the oldest, and the other way round',
    ['features-ociversionmax-not-below-min'],
    (structure) => {
      const { ociVersionMin = '', ociVersionMax = '' } = structure
      structure['ociVersionMin'] = ociVersionMax
      structure['ociVersionMax'] = ociVersionMin
    },
  ],
  'features-without-oldest-version': [
    'does not name the oldest version of the specification that it takes',
    ['features-ociversionmin-required'],
    (structure) => {
      delete structure['ociVersionMin']
    },
  ],
  'features-without-newest-version': [
    'does not name the newest version of the specification that it takes',
    ['features-ociversionmax-required'],
    (structure) => {
      delete structure['ociVersionMax']
    },
  ],
  'features-version-is-short': [
    'names the oldest version of the specification without its last number',
    ['features-ociversionmin-required'],
    (structure) => {
      structure['ociVersionMin'] = '1.0'
    },
  ],
  'features-member-of-its-own': [
    'puts a member of its own beside those of the structure',
    ['features-no-undefined-properties'],
    (structure) => {
      structure['vendor'] = 'example'
    },
  ],
  'features-member-of-its-own-in-linux': [
    'puts a member of its own among those for Linux',
    ['features-no-undefined-properties'],
    (structure) => {
      within(structure, ['linux'])['checkpoint'] = { enabled: true }
    },
  ],
  'features-annotation-not-text': [
    'gives an annotation of its features a truth value',
    ['features-annotations-conventions', 'features-may-be-provided'],
    (structure) => {
      const { annotations } = structure
      structure['annotations'] = { ...(isObject(annotations) ? annotations : {}), 'org.example.fast': true }
    },
  ],
  'features-annotation-without-name': [
    'gives an annotation of its features no name',
    ['features-annotations-conventions'],
    (structure) => {
      const { annotations } = structure
      structure['annotations'] = { ...(isObject(annotations) ? annotations : {}), '': 'nothing' }
    },
  ],
  'features-known-flags-lack-supported': [
    'supports flags of filters that it does not list as known',
    ['features-seccomp-supportedflags-optional'],
    (structure) => {
      within(structure, ['linux', 'seccomp'])['knownFlags'] = []
    },
  ],
  'features-lists-not-lists': [
    'prints its kinds of hook as one text and not as a list',
    ['features-may-be-provided', 'features-hooks-supported'],
    (structure) => {
      structure['hooks'] = 'prestart,poststop'
    },
  ],
}

let asked = 0

export const features: readonly Fault[] = [
  ...Object.entries(lists).map(
    ([what, { path, entry, violates }]): Fault => ({
      id: `features-list-${kebab(what)}-too-much`,
      area: 'features',
      violates: [violates],
      sentence: `The runtime lists ${what} among its features that it does not know.`,
      effect: answer('features', (structure) => {
        const parent = within(structure, path.slice(0, -1))
        const name = path.at(-1) ?? ''
        const { [name]: listed } = parent
        if (Array.isArray(listed)) parent[name] = [...listed, entry]
      }),
    }),
  ),
  ...Object.entries(mistakes).map(
    ([id, [sentence, violates, change]]): Fault => ({
      id,
      area: 'features',
      violates,
      sentence: `The runtime ${sentence}.`,
      effect: answer('features', change),
    }),
  ),
  {
    id: 'features-change-from-call-to-call',
    area: 'features',
    violates: ['features-compile-time'],
    sentence: 'The runtime prints how often it was asked for its features with them.',
    effect: answer('features', (structure) => {
      asked += 1
      structure['annotations'] = { 'org.example.asked': String(asked) }
    }),
  },
  {
    id: 'features-capability-not-given',
    area: 'features',
    violates: ['features-capabilities-recognized'],
    sentence: 'The runtime lists a capability among its features, SYS_NICE, that it gives to no program.',
    effect: configuration(
      changing(({ process }) => {
        const { bounding = [], effective = [], permitted = [] } = process?.capabilities ?? {}
        for (const set of [bounding, effective, permitted]) {
          const position = set.indexOf('CAP_SYS_NICE')
          if (position !== -1) set.splice(position, 1)
        }
      }),
    ),
  },
  {
    id: 'features-architecture-refused',
    area: 'features',
    violates: ['features-seccomp-archs-recognized'],
    sentence: 'The runtime refuses filters for an architecture that it lists among its features, X32.',
    effect: before('create', '! grep -q SCMP_ARCH_X32 "$BUNDLE/config.json" || exit 1'),
  },
  ...(['Min', 'Max'] as const).map(
    (end): Fault => ({
      id: `features-version-${end.toLowerCase()}-refused`,
      area: 'features',
      violates: [`features-ociversion${end.toLowerCase()}-accepted`],
      sentence: `The runtime refuses a configuration of the version that it names as ociVersion${end}.`,
      effect: before(
        'run',
        `named=$("$REAL" features | sed -n 's/.*"ociVersion${end}": *"\\([^"]*\\)".*/\\1/p')
! grep -q "\\"ociVersion\\": *\\"$named\\"" "$BUNDLE/config.json" || exit 1`,
      ),
    }),
  ),
]
