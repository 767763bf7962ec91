import { answer, type Fault, once, options, output } from '../harness/fault/index.ts'
import { type JsonObject, type JsonValue, parseJson, stringifyJson } from '../harness/spec/index.ts'
import { isObject } from './json-object.ts'

/** An edit of the list that a command prints as JSON; other text stays as it is. */
function listed(edit: (items: readonly JsonValue[]) => readonly JsonValue[]): (text: string) => string {
  return (text) => {
    if (!text.startsWith('[')) return text
    const items = parseJson(text)
    return Array.isArray(items) ? stringifyJson([...edit(items)]) : text
  }
}

/** What may be wrong with every container of a list. */
const members: Readonly<
  Record<string, readonly [sentence: string, change: (container: JsonObject) => void]>
> = {
  'list-without-pid': [
    'lists a container without its process',
    (container) => {
      container['pid'] = 0
    },
  ],
  'list-bundle-relative': [
    'lists only the last name of the path of a bundle',
    (container) => {
      container['bundle'] = String(container['bundle']).split('/').at(-1) ?? ''
    },
  ],
  'list-ids-cut': [
    'lists only the first twelve characters of an id',
    (container) => {
      container['id'] = String(container['id']).slice(0, 12)
    },
  ],
  'list-created-is-running': [
    'lists a created container as running',
    (container) => {
      if (container['status'] === 'created') container['status'] = 'running'
    },
  ],
  'list-stopped-is-running': [
    'lists a stopped container as running',
    (container) => {
      if (container['status'] === 'stopped') container['status'] = 'running'
    },
  ],
}

const isRunning = (item: JsonValue) => isObject(item) && item['status'] === 'running'

/** What may become of the numbers of processes that `ps` prints. */
const numbers: Readonly<
  Record<string, readonly [sentence: string, edit: (pids: readonly JsonValue[]) => readonly JsonValue[]]>
> = {
  'ps-names-first-only': ['names only the first process of a container', (pids) => pids.slice(0, 1)],
  'ps-names-no-more-than-two': [
    'names no more than two processes of a container',
    (pids) => pids.slice(0, 2),
  ],
  'ps-names-process-of-host': [
    'names the first process of the host among those of a container',
    (pids) => [...pids, 1],
  ],
  'ps-names-every-process-twice': ['names every process of a container twice', (pids) => [...pids, ...pids]],
}

export const list: readonly Fault[] = [
  ...Object.entries(members).map(
    ([id, [sentence, change]]): Fault => ({
      id,
      area: 'list',
      violates: [],
      tests: ['list'],
      sentence: `The runtime ${sentence}.`,
      effect: answer('list', change),
    }),
  ),
  {
    id: 'list-running-only',
    area: 'list',
    violates: [],
    tests: ['list'],
    sentence: 'The runtime lists no containers but those that run.',
    effect: output(
      'list',
      listed((items) => items.filter(isRunning)),
    ),
  },
  {
    id: 'list-shows-nine',
    area: 'list',
    violates: [],
    tests: ['list'],
    sentence: 'The runtime lists no more than nine containers.',
    effect: output(
      'list',
      listed((items) => items.slice(0, 9)),
    ),
  },
  {
    id: 'list-empty',
    area: 'list',
    violates: [],
    tests: ['list'],
    sentence: 'The runtime lists no container.',
    effect: output(
      'list',
      listed(() => []),
    ),
  },
  {
    id: 'list-never-quiet',
    area: 'list',
    violates: [],
    tests: ['list'],
    sentence: 'The runtime prints its whole table where only ids are asked for.',
    effect: options('list', (given) => given.filter(({ name }) => name !== '--quiet' && name !== '-q')),
  },
  {
    id: 'list-quiet-drops-last',
    area: 'list',
    violates: [],
    tests: ['list'],
    sentence: 'The runtime leaves the last of the ids out that it is asked for.',
    effect: output('list', (text) => (/^[[{]/.test(text) ? text : text.replace(/[^\n]*\n$/, ''))),
  },
  ...Object.entries(numbers).map(
    ([id, [sentence, edit]]): Fault => ({
      id,
      area: 'list',
      violates: [],
      tests: ['list'],
      sentence: `The runtime ${sentence}.`,
      effect: output('ps', listed(edit)),
    }),
  ),
  {
    id: 'ps-forgets-executed',
    area: 'list',
    violates: [],
    tests: ['list'],
    sentence: 'The runtime does not name the process that was executed in a container last.',
    effect: once(
      'exec',
      output(
        'ps',
        listed((pids) => pids.slice(0, -1)),
      ),
    ),
  },
]
