import { answer, configurationDocument, type Fault, operands } from '../harness/fault/index.ts'
import type { JsonValue } from '../harness/spec/index.ts'
import { isObject } from './json-object.ts'

/** What a runtime may make of annotations on their way into the state. */
const changed: Readonly<
  Record<
    string,
    readonly [
      sentence: string,
      violates: readonly string[],
      edit: (name: string, value: string) => [string, string][],
    ]
  >
> = {
  'annotations-empty-dropped': [
    'leaves annotations with empty values out of the state',
    ['annotations-values-may-be-empty'],
    (name, value) => (value === '' ? [] : [[name, value]]),
  ],
  'annotations-keys-lower-case': [
    'lists the keys of annotations in lower case',
    ['annotations-image-keys-may-be-used'],
    (name, value) => [[name.toLowerCase(), value]],
  ],
  'annotations-blanks-squeezed': [
    'lists blanks in a row in an annotation as one',
    ['annotations-structure-free'],
    (name, value) => [[name, value.replaceAll(/ +/g, ' ')]],
  ],
  'annotations-ascii-only': [
    'lists question marks in the place of letters that are not of ASCII',
    ['annotations-structure-free'],
    (name, value) => [[name, value.replaceAll(/[^\x20-\x7e\s]/gu, '?')]],
  ],
  'annotations-cut-at-four-thousand': [
    'lists only the first 4,096 characters of an annotation',
    ['annotations-structure-free'],
    (name, value) => [[name, value.slice(0, 4096)]],
  ],
  'annotations-unknown-dropped': [
    'leaves annotations out of the state whose keys it has never heard of',
    ['annotations-unknown-keys-handled'],
    (name, value) => (name.includes('never.heard.of') ? [] : [[name, value]]),
  ],
  'annotations-one-word-dropped': [
    'leaves annotations out of the state whose keys have no dot',
    ['annotations-keys-reverse-domain'],
    (name, value) => (name.includes('.') ? [[name, value]] : []),
  ],
  'annotations-of-specification-dropped': [
    'leaves the annotations that the specification names out of the state',
    ['annotations-image-keys-may-be-used', 'annotations-org-opencontainers-as-specified'],
    (name, value) => (name.startsWith('org.opencontainers.') ? [] : [[name, value]]),
  ],
  'annotations-last-label-only': [
    'lists annotations by the last part of their keys',
    ['annotations-optional', 'annotations-keys-reverse-domain'],
    (name, value) => [[name.split('.').at(-1) ?? '', value]],
  ],
}

/** What a runtime may accept in the place of annotations. */
const tolerated: Readonly<
  Record<
    string,
    readonly [
      sentence: string,
      noticed: Pick<Fault, 'violates' | 'tests'>,
      mend: (annotations: JsonValue) => JsonValue,
    ]
  >
> = {
  'annotations-list-accepted': [
    'takes a list in the place of annotations for none',
    { violates: ['annotations-key-value-map'] },
    (value) => (Array.isArray(value) ? {} : value),
  ],
  'annotations-text-accepted': [
    'takes a text in the place of annotations for none',
    { violates: ['annotations-key-value-map'] },
    (value) => (typeof value === 'string' ? {} : value),
  ],
  'annotations-empty-key-accepted': [
    'passes over an annotation with an empty key',
    { violates: ['annotations-keys-not-empty'] },
    (value) =>
      isObject(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => name !== '')) : value,
  ],
  'annotations-number-accepted': [
    'takes a number as the value of an annotation for a text',
    { violates: ['annotations-values-strings'] },
    valuesMended((value) => (typeof value === 'number' ? String(value) : value)),
  ],
  'annotations-truth-value-accepted': [
    'takes a truth value as the value of an annotation for a text',
    { violates: ['annotations-values-strings'] },
    valuesMended((value) => (typeof value === 'boolean' ? String(value) : value)),
  ],
  'annotations-null-accepted': [
    'takes null as the value of an annotation for an empty text',
    { violates: [], tests: ['annotations/annotations-with-null-as-a-value-are-refused'] },
    valuesMended((value) => value ?? ''),
  ],
  'annotations-object-accepted': [
    'takes an object as the value of an annotation for a text',
    { violates: ['annotations-values-strings'] },
    valuesMended((value) => (isObject(value) ? JSON.stringify(value) : value)),
  ],
}

function valuesMended(mend: (value: JsonValue) => JsonValue): (annotations: JsonValue) => JsonValue {
  return (annotations) =>
    isObject(annotations)
      ? Object.fromEntries(Object.entries(annotations).map(([name, value]) => [name, mend(value)]))
      : annotations
}

export const annotations: readonly Fault[] = [
  ...Object.entries(changed).map(
    ([id, [sentence, violates, edit]]): Fault => ({
      id,
      area: 'annotations',
      violates,
      sentence: `The runtime ${sentence}.`,
      effect: answer('state', (state) => {
        const { annotations } = state
        if (!isObject(annotations)) return
        const entries = Object.entries(annotations).flatMap(([name, value]) => edit(name, String(value)))
        state['annotations'] = Object.fromEntries(entries)
      }),
    }),
  ),
  ...Object.entries(tolerated).map(
    ([id, [sentence, noticed, mend]]): Fault => ({
      id,
      area: 'annotations',
      ...noticed,
      sentence: `The runtime ${sentence}.`,
      effect: configurationDocument((spec) => {
        if (spec['annotations'] !== undefined) spec['annotations'] = mend(spec['annotations'])
      }),
    }),
  ),
  {
    id: 'annotations-invented',
    area: 'annotations',
    violates: ['annotations-absent-or-empty'],
    sentence: 'The runtime adds an annotation of its own to every configuration.',
    effect: configurationDocument((spec) => {
      const { annotations = {} } = spec
      if (isObject(annotations)) spec['annotations'] = { ...annotations, 'org.example.runtime': 'yes' }
    }),
  },
  {
    id: 'annotations-of-image-checked-too-strictly',
    area: 'annotations',
    violates: ['annotations-image-keys-valid-values', 'annotations-unknown-keys-handled'],
    sentence: 'The runtime refuses a configuration with annotations that begin with org.opencontainers.',
    effect: configurationDocument((spec) => {
      const { annotations } = spec
      if (
        isObject(annotations) &&
        Object.keys(annotations).some((name) => name.startsWith('org.opencontainers.'))
      )
        spec['process'] = 'refused'
    }),
  },
  {
    id: 'annotations-stop-signal-ignored',
    area: 'annotations',
    violates: ['annotations-stopsignal-meaning'],
    sentence: 'The runtime sends TERM where no signal is named, whatever stop signal is configured.',
    effect: operands('kill', ([id = '', signal = 'TERM']) => [id, signal]),
  },
]
