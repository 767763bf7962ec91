import type { Deviation } from '../../harness/suite/index.ts'

const runtime = 'runsc'

/** Where gVisor's runsc disagrees with the specification, as measured with 20240729. */
export const runscDeviations: readonly Deviation[] = [
  ...['created', 'running', 'stopped'].map(
    (status): Deviation => ({
      test: `create/create-refuses-the-id-of-a-${status}-container-and-leaves-that-container-alone`,
      runtime,
      versions: '*',
      reason:
        'create fails, and in doing so deletes the state file of the container that has the id: nobody can operate it any more, while its sandbox and its cgroups stay',
      leaves: ['container', 'process', 'cgroup'],
    }),
  ),
  {
    test: 'create/create-refuses-an-id-that-is-a-dot',
    runtime,
    versions: '*',
    reason: 'a dot is accepted as an id; its cgroup is then the root of each hierarchy',
    leaves: ['container', 'process', 'cgroup'],
  },
  {
    test: 'create/create-refuses-a-bind-mount-whose-source-does-not-exist-and-leaves-nothing-behind',
    runtime,
    versions: '*',
    reason: 'create fails, and leaves the cgroups that it had made',
    leaves: ['container', 'cgroup'],
  },
  ...['a-file-system-type', 'a-sysctl'].map(
    (property): Deviation => ({
      test: `create/create-refuses-${property}-the-kernel-does-not-have-and-leaves-nothing-behind`,
      runtime,
      versions: '*',
      reason: `${property.replaceAll('-', ' ')} that its own kernel does not know is left out without an error`,
    }),
  ),
  {
    test: 'create/create-refuses-a-namespace-path-that-does-not-exist-and-leaves-nothing-behind',
    runtime,
    versions: '*',
    reason: 'a uts namespace is made anew by its own kernel; the path is not looked at',
  },
  {
    test: 'delete/delete-of-a-created-container-is-refused-and-leaves-it-created',
    runtime,
    versions: '*',
    reason: 'delete kills a created container and exits with 0',
  },
  ...[
    'state/a-container-killed-before-its-program-ran-is-stopped',
    'kill/kill-ends-a-container-that-was-created-and-never-started',
  ].map(
    (test): Deviation => ({
      test,
      runtime,
      versions: '*',
      reason:
        'kill of a created container is refused with exit code 128: it sends signals to running containers only',
    }),
  ),
  {
    test: 'state/the-bundle-of-the-state-is-absolute-where-create-was-given-a-relative-path',
    runtime,
    versions: '*',
    reason: 'the state repeats the path that create was given',
  },
  {
    test: 'lifecycle/a-container-whose-config-json-is-gone-after-create-starts-and-can-be-deleted',
    runtime,
    versions: '*',
    reason: 'start reads config.json once more, and fails when it is gone',
  },
  {
    test: 'lifecycle/a-container-is-not-mistaken-for-another-whose-id-begins-with-its-own',
    runtime,
    versions: '*',
    reason: 'an id is taken for the beginning of one, and refused as ambiguous where two ids begin with it',
  },
  {
    test: 'start/a-configuration-without-a-process-can-be-created-and-is-refused-by-start',
    runtime,
    versions: '*',
    reason: 'create already refuses a configuration without a process',
  },
]
