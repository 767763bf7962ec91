import { answer, type Fault, once, skip, status } from '../harness/fault/index.ts'

export const lifecycle: readonly Fault[] = [
  {
    id: 'state-without-bundle',
    area: 'state',
    violates: ['state-bundle-required'],
    sentence: 'The runtime leaves the bundle out of the state.',
    effect: answer('state', (state) => {
      delete state['bundle']
    }),
  },
  {
    id: 'state-of-unknown-container-succeeds',
    area: 'state',
    violates: ['state-nonexistent-errors'],
    sentence: 'The runtime exits with 0 when it is asked for the state of a container that does not exist.',
    effect: status('state', () => 0),
  },
  {
    id: 'delete-does-nothing',
    area: 'lifecycle',
    violates: ['delete-removes-created-resources', 'delete-id-reusable'],
    sentence: 'The runtime says that it has deleted a container and leaves it where it is.',
    effect: skip('delete'),
  },
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
]
