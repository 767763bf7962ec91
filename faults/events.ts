import { answer, type Effect, type Fault, program, when } from '../harness/fault/index.ts'
import type { JsonObject, JsonValue } from '../harness/spec/index.ts'
import { isObject } from './json-object.ts'

const isStats = ({ options }: Parameters<Effect>[0]) => options.some(({ name }) => name === '--stats')

function within(value: JsonValue | undefined, name: string): JsonObject {
  const inner = isObject(value) ? value[name] : undefined
  return isObject(inner) ? inner : {}
}

/** What may be wrong in the statistics of a container. */
const mistakes: Readonly<Record<string, readonly [sentence: string, change: (event: JsonObject) => void]>> = {
  'stats-count-one-process-more': [
    'counts one process more than a container has',
    (event) => {
      const pids = within(event['data'], 'pids')
      pids['current'] = Number(pids['current'] ?? 0) + 1
    },
  ],
  'stats-without-memory': [
    'leaves the memory of a container out of its statistics',
    (event) => {
      delete within(event['data'], 'memory')['usage']
    },
  ],
  'stats-memory-is-zero': [
    'reports that a container uses no memory',
    (event) => {
      within(within(event['data'], 'memory'), 'usage')['usage'] = 0
    },
  ],
}

export const events: readonly Fault[] = [
  ...Object.entries(mistakes).map(
    ([id, [sentence, change]]): Fault => ({
      id,
      area: 'events',
      violates: [],
      tests: ['events/statistics-name-the-processes-and-the-memory-of-a-container'],
      sentence: `The runtime ${sentence}.`,
      effect: when(isStats, answer('events', change)),
    }),
  ),
  {
    id: 'events-end-at-once',
    area: 'events',
    violates: [],
    tests: ['events/events-tell-of-the-kernel-killing-for-memory'],
    sentence: 'The runtime ends the stream of events before there is any.',
    effect: when((draft) => !isStats(draft), program('events', 'exit 0')),
  },
  {
    id: 'events-are-statistics-only',
    area: 'events',
    violates: [],
    tests: ['events/events-tell-of-the-kernel-killing-for-memory'],
    sentence: 'The runtime gives statistics once where events are asked for, and ends.',
    effect: when(
      (draft) => !isStats(draft),
      program('events', 'exec "$REAL" --root "$ROOT" events --stats "$ID"'),
    ),
  },
]
