import { before, type Fault, operands, program, status, type Verb, when } from '../harness/fault/index.ts'
import { real } from './real-runtime.ts'

/** Every verb that is given the id of a container. */
const verbs: readonly Verb[] = [
  'create',
  'run',
  'start',
  'state',
  'kill',
  'delete',
  'exec',
  'pause',
  'resume',
  'ps',
  'events',
]

/** A command that is refused while another of the same kind is under way. */
const alone = (name: string) => `mkdir "$NOTES/${name}.lock" || exit 1
"$REAL" "$@"
ending=$?
rmdir "$NOTES/${name}.lock"
exit "$ending"`

export const concurrency: readonly Fault[] = [
  ...(['create', 'start', 'delete'] as const).map(
    (verb): Fault => ({
      id: `${verb}-refuses-a-second-at-once`,
      area: 'concurrency',
      violates: [],
      tests: ['concurrency/twenty-containers-are-created-started-asked-ended-and-deleted-at-once'],
      sentence: `The runtime refuses to ${verb} a container while it is at another one.`,
      effect: program(verb, alone(verb)),
    }),
  ),
  {
    id: 'state-of-first-container-for-all',
    area: 'concurrency',
    violates: ['state-id-unique-on-host'],
    tests: ['concurrency/twenty-containers-are-created-started-asked-ended-and-deleted-at-once'],
    sentence: 'The runtime answers every question for a state with that of the first container it has.',
    effect: program('state', `exec ${real} state "$(${real} list --quiet | head -n 1)"`),
  },
  {
    id: 'run-codes-of-four-bits',
    area: 'concurrency',
    violates: [],
    tests: ['concurrency/twenty-containers-of-different-programs-that-run-at-once-do-not-mix-up-their-ends'],
    sentence: 'The runtime passes only four bits of the exit code of a program on.',
    effect: status('run', (code) => code & 0b1111),
  },
  {
    id: 'id-of-one-character-refused',
    area: 'concurrency',
    violates: ['create-makes-container'],
    sentence: 'The runtime refuses an id of one character.',
    effect: when(({ id = '' }) => id.length === 1, program('create', 'exit 1')),
  },
  {
    id: 'id-of-sixty-four-characters-refused',
    area: 'concurrency',
    violates: ['create-makes-container'],
    sentence: 'The runtime refuses an id that is longer than a host name may be.',
    effect: when(({ id = '' }) => id.length > 63, program('create', 'exit 1')),
  },
  {
    id: 'id-cut-after-hundred-characters',
    area: 'concurrency',
    violates: ['state-id-required'],
    sentence: 'The runtime takes no more than a hundred characters of an id.',
    effect: operands(verbs, ([id = '', ...others]) => [id.slice(0, 100), ...others]),
  },
  {
    id: 'id-with-plus-changed',
    area: 'concurrency',
    violates: ['state-id-required'],
    sentence: 'The runtime puts a dash in the place of each plus of an id.',
    effect: operands(verbs, ([id = '', ...others]) => [id.replaceAll('+', '-'), ...others]),
  },
  {
    id: 'kill-reaches-ids-that-begin-alike',
    area: 'concurrency',
    violates: ['state-id-unique-on-host'],
    sentence: 'The runtime sends a signal to every container whose id begins with the one it is given.',
    effect: before(
      'kill',
      `for signal; do :; done
for other in $(${real} list --quiet); do
  case $other in "$ID"?*) ${real} kill "$other" "$signal" 2>/dev/null ;; esac
done`,
    ),
  },
]
