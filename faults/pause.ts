import { all, answer, before, type Fault, once, program, skip, status, when } from '../harness/fault/index.ts'
import { real, statusOfContainer } from './real-runtime.ts'

const where = (state: string, otherwise: string) =>
  `[ "${statusOfContainer}" != ${state} ] || ${otherwise}; exec "$REAL" "$@"`

export const pause: readonly Fault[] = [
  {
    id: 'status-wrong-after-pause',
    area: 'pause',
    violates: ['state-status-additional-values-allowed'],
    tests: ['pause'],
    sentence:
      'The runtime reports a container as running that was paused, and never anything else from then on.',
    effect: once(
      'pause',
      answer('state', (state) => {
        state['status'] = 'running'
      }),
    ),
  },
  {
    id: 'pause-does-nothing',
    area: 'pause',
    violates: ['state-status-additional-values-allowed'],
    tests: ['pause'],
    sentence: 'The runtime says that it has paused a container and lets it run.',
    effect: skip('pause'),
  },
  {
    id: 'pause-only-reported',
    area: 'pause',
    violates: [],
    tests: ['pause/a-paused-program-stands-still-and-a-resumed-one-goes-on-from-there'],
    sentence: 'The runtime reports a container as paused until it is resumed, and lets it run.',
    effect: all(
      skip(['pause', 'resume']),
      when(
        ({ history: { verbs } }) => verbs.lastIndexOf('pause') > verbs.lastIndexOf('resume'),
        answer('state', (state) => {
          if (state['status'] === 'running') state['status'] = 'paused'
        }),
      ),
    ),
  },
  {
    id: 'pause-of-stopped-container-succeeds',
    area: 'pause',
    violates: [],
    tests: ['pause/pause-of-a-stopped-container-is-refused'],
    sentence: 'The runtime says that it has paused a container that is stopped.',
    effect: program('pause', where('stopped', 'exit 0')),
  },
  {
    id: 'pause-of-stopped-container-deletes-it',
    area: 'pause',
    violates: [],
    tests: ['pause/pause-of-a-stopped-container-is-refused'],
    sentence: 'The runtime refuses to pause a stopped container and deletes it.',
    effect: program('pause', where('stopped', `{ ${real} delete "$ID"; exit 1; }`)),
  },
  {
    id: 'pause-fails-after-pausing',
    area: 'pause',
    violates: [],
    tests: ['pause'],
    sentence: 'The runtime pauses a container and exits with 1 nevertheless.',
    effect: status('pause', () => 1),
  },
  {
    id: 'resume-does-nothing',
    area: 'pause',
    violates: [],
    tests: ['pause'],
    sentence: 'The runtime says that it has resumed a container and leaves it paused.',
    effect: skip('resume'),
  },
  {
    id: 'resume-of-running-container-succeeds',
    area: 'pause',
    violates: [],
    tests: ['pause/resume-of-a-running-container-is-refused-and-leaves-it-running'],
    sentence: 'The runtime says that it has resumed a container that was not paused.',
    effect: program('resume', where('running', 'exit 0')),
  },
  {
    id: 'resume-of-running-container-pauses-it',
    area: 'pause',
    violates: [],
    tests: ['pause/resume-of-a-running-container-is-refused-and-leaves-it-running'],
    sentence: 'The runtime refuses to resume a running container and pauses it.',
    effect: program('resume', where('running', `{ ${real} pause "$ID"; exit 1; }`)),
  },
  {
    id: 'exec-in-paused-container-says-yes',
    area: 'pause',
    violates: [],
    tests: ['pause/exec-in-a-paused-container-is-refused-and-it-stays-paused'],
    sentence:
      'The runtime exits with 0 when it is to execute a process in a paused container, and executes none.',
    effect: program('exec', where('paused', 'exit 0')),
  },
  {
    id: 'exec-resumes-paused-container',
    area: 'pause',
    violates: [],
    tests: ['pause/exec-in-a-paused-container-is-refused-and-it-stays-paused'],
    sentence: 'The runtime resumes a paused container to execute a process in it.',
    effect: before('exec', `[ "${statusOfContainer}" != paused ] || ${real} resume "$ID"`),
  },
  {
    id: 'exec-refuses-and-resumes',
    area: 'pause',
    violates: [],
    tests: ['pause/exec-in-a-paused-container-is-refused-and-it-stays-paused'],
    sentence: 'The runtime refuses to execute a process in a paused container and resumes that.',
    effect: program('exec', where('paused', `{ ${real} resume "$ID"; exit 1; }`)),
  },
  {
    id: 'kill-of-paused-container-reported-as-paused',
    area: 'pause',
    violates: [],
    tests: ['pause/a-container-that-is-killed-while-it-is-paused-ends-once-it-is-resumed'],
    sentence: 'The runtime goes on to report a container as paused that was killed while it was.',
    effect: once(
      'pause',
      once(
        'kill',
        answer('state', (state) => {
          state['status'] = 'paused'
        }),
      ),
    ),
  },
]
