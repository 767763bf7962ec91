import {
  after,
  all,
  before,
  type Effect,
  type Fault,
  options,
  program,
  skip,
  status,
  when,
} from '../harness/fault/index.ts'
import { cgroupOfContainer, real, statusOfContainer } from './real-runtime.ts'

const force = { name: '--force' }

/** An effect that shows where a container is deleted without force. */
const plainly = (effect: Effect) =>
  when(({ options: given }) => !given.some(({ name }) => name === '--force' || name === '-f'), effect)

/** A container that delete has to refuse. */
const undeletable = ['created', 'running', 'paused'] as const

export const deletion: readonly Fault[] = [
  {
    id: 'delete-does-nothing',
    area: 'delete',
    violates: ['delete-removes-created-resources', 'delete-id-reusable'],
    sentence: 'The runtime says that it has deleted a container and leaves it where it is.',
    effect: skip('delete'),
  },
  {
    id: 'delete-leaves-cgroup',
    area: 'delete',
    violates: ['delete-removes-created-resources', 'lifecycle-destroy-undoes-create'],
    sentence: 'The runtime leaves a cgroup of a container behind that it deletes.',
    effect: after('delete', `mkdir "${cgroupOfContainer}"`),
  },
  {
    id: 'delete-leaves-file',
    area: 'delete',
    violates: ['delete-removes-created-resources', 'lifecycle-destroy-undoes-create'],
    sentence: 'The runtime leaves a lock file of a container behind in its root.',
    effect: after('delete', ': >"$ROOT/$ID.lock"'),
  },
  {
    id: 'delete-leaves-directory',
    area: 'delete',
    violates: ['delete-id-reusable', 'delete-removes-created-resources'],
    sentence: 'The runtime leaves the empty directory of a container behind, and so its id in use.',
    effect: after('delete', 'mkdir "$ROOT/$ID"'),
  },
  {
    id: 'delete-leaves-mount',
    area: 'delete',
    violates: ['delete-removes-created-resources', 'lifecycle-destroy-undoes-create'],
    tests: ['delete/delete-of-a-stopped-container-removes-all-that-create-made'],
    sentence: 'The runtime leaves a mount in the bundle of a container that it deletes.',
    effect: after('delete', 'mount --bind "$BUNDLE" "$BUNDLE"'),
  },
  {
    id: 'delete-without-id-succeeds',
    area: 'delete',
    violates: ['delete-without-id-errors'],
    sentence: 'The runtime exits with 0 when it is to delete a container without an id.',
    effect: when(
      ({ id }) => id === undefined,
      status('delete', () => 0),
    ),
  },
  {
    id: 'delete-of-unknown-container-succeeds',
    area: 'delete',
    violates: [],
    tests: ['delete/delete-of-a-container-that-does-not-exist-is-refused'],
    sentence: 'The runtime exits with 0 when it is to delete a container that does not exist.',
    effect: program(
      'delete',
      `${real} state "$ID" >/dev/null 2>&1 || [ -z "$ID" ] || exit 0; exec "$REAL" "$@"`,
    ),
  },
  {
    id: 'delete-always-forced',
    area: 'delete',
    violates: ['lifecycle-delete-not-stopped-error', 'delete-not-stopped-no-effect'],
    sentence: 'The runtime deletes every container as if it were forced to.',
    effect: plainly(options('delete', (given) => [...given, force])),
  },
  ...undeletable.flatMap((status): Fault[] => [
    {
      id: `delete-of-${status}-container-forced`,
      area: 'delete',
      violates: [],
      tests: [`delete/delete-of-a-${status}-container-is-refused-and-leaves-it-${status}`],
      sentence: `The runtime deletes a ${status} container also without being forced to.`,
      effect: plainly(
        program(
          'delete',
          `[ "${statusOfContainer}" != ${status} ] || exec ${real} delete --force "$ID"; exec "$REAL" "$@"`,
        ),
      ),
    },
    {
      id: `delete-of-${status}-container-ignored`,
      area: 'delete',
      violates: [],
      tests: [`delete/delete-of-a-${status}-container-is-refused-and-leaves-it-${status}`],
      sentence: `The runtime says that it has deleted a ${status} container, which is still there.`,
      effect: plainly(
        program('delete', `[ "${statusOfContainer}" != ${status} ] || exit 0; exec "$REAL" "$@"`),
      ),
    },
  ]),
  {
    id: 'delete-refuses-and-kills',
    area: 'delete',
    violates: ['delete-not-stopped-no-effect'],
    sentence: 'The runtime refuses to delete a running container and has ended it before.',
    effect: plainly(
      program(
        'delete',
        `[ "${statusOfContainer}" != running ] || { ${real} kill "$ID" KILL; exit 1; }; exec "$REAL" "$@"`,
      ),
    ),
  },
  {
    id: 'delete-refuses-and-resumes',
    area: 'delete',
    violates: ['delete-not-stopped-no-effect'],
    sentence: 'The runtime resumes a paused container and then refuses to delete it.',
    effect: plainly(before('delete', `${real} resume "$ID" 2>/dev/null`)),
  },
  {
    id: 'delete-force-ignored',
    area: 'delete',
    violates: [],
    tests: ['delete/delete-with-force-ends-a-running-container-and-removes-it'],
    sentence: 'The runtime does not let itself be forced to delete a running container.',
    effect: options('delete', (given) => given.filter(({ name }) => name !== force.name)),
  },
  {
    id: 'delete-force-only-kills',
    area: 'delete',
    violates: [],
    tests: ['delete/delete-with-force-ends-a-running-container-and-removes-it'],
    sentence: 'The runtime ends a running container that it is forced to delete, and does not delete it.',
    effect: program(
      'delete',
      `[ "${statusOfContainer}" != running ] || exec ${real} kill "$ID" KILL; exec "$REAL" "$@"`,
    ),
  },
  {
    id: 'delete-empties-bind-source',
    area: 'delete',
    violates: ['delete-keeps-foreign-resources'],
    sentence:
      'The runtime empties a file of a directory that was bound into a container, when it deletes that.',
    effect: (draft) => {
      const bound = draft.history.spec?.mounts?.find(
        ({ destination, type }) => destination === '/mnt' && type === 'bind',
      )
      if (bound?.source !== undefined)
        before('delete', `[ ! -f '${bound.source}/kept' ] || : >'${bound.source}/kept'`)(draft)
    },
  },
  {
    id: 'delete-ends-owner-of-namespace',
    area: 'delete',
    violates: ['delete-keeps-foreign-resources'],
    sentence: 'The runtime ends the other containers with one that joined a namespace.',
    effect: when(
      ({ history }) => history.spec?.linux?.namespaces?.some(({ path }) => path !== undefined) === true,
      before('delete', `for other in $(${real} list -q); do ${real} kill "$other" KILL 2>/dev/null; done`),
    ),
  },
  {
    id: 'delete-of-one-deletes-namesakes',
    area: 'delete',
    violates: ['state-id-unique-on-host'],
    sentence: 'The runtime deletes every container whose id begins with the one it is given.',
    effect: all(
      after(
        'delete',
        `for other in $(${real} list -q); do
  case $other in "$ID"*) ${real} delete --force "$other" ;; esac
done`,
      ),
    ),
  },
  {
    id: 'delete-works-once',
    area: 'delete',
    violates: [],
    tests: ['delete/the-id-of-a-deleted-container-can-be-used-again'],
    sentence: 'The runtime refuses to make a container by the name of one that it deleted.',
    effect: all(
      after('delete', ': >"$NOTES/deleted-$ID"'),
      before('create', '[ ! -e "$NOTES/deleted-$ID" ] || exit 1'),
    ),
  },
]
