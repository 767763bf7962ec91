import { hookKinds } from '../../harness/spec/index.ts'
import type { Deviation } from '../../harness/suite/index.ts'

const runtime = 'crun'

/** Where crun disagrees with the specification, as measured with the versions named. */
export const crunDeviations: readonly Deviation[] = [
  {
    test: 'delete/delete-of-a-created-container-is-refused-and-leaves-it-created',
    runtime,
    versions: '*',
    reason: 'delete kills a created container and exits with 0',
  },
  {
    test: 'create/create-leaves-a-program-that-does-not-exist-for-start-to-refuse',
    runtime,
    versions: '*',
    reason: 'the program is looked up in create, which fails when there is none',
  },
  {
    test: 'start/a-configuration-without-a-process-can-be-created-and-is-refused-by-start',
    runtime,
    versions: '*',
    reason: 'create already refuses a configuration without a process',
  },
  {
    test: 'kill/kill-with-a-signal-that-does-not-exist-is-refused-and-the-container-lives-on',
    runtime,
    versions: '<1.9',
    reason:
      'a signal name it does not know is accepted with exit code 0 and nothing is sent; seen with 1.8.1',
  },
  {
    test: 'pause/resume-of-a-running-container-is-refused-and-leaves-it-running',
    runtime,
    versions: '*',
    reason:
      'resume of a container that is not paused exits with 0 and changes nothing; seen with 1.8.1 and 1.28',
  },
  ...(['prestart', 'createruntime', 'createcontainer'] as const).flatMap((kind) => [
    {
      test: `hooks/the-state-that-${kind}-hooks-are-given-says-creating`,
      runtime,
      versions: '*',
      reason: "the hooks of create are told 'created'; seen with 1.8.1 and 1.28",
    },
    {
      test: `hook-failures/after-a-${kind}-hook-failed-the-poststop-hooks-run`,
      runtime,
      versions: '*',
      reason: 'poststop hooks run only in delete, which a container that was not created never sees',
    },
  ]),
  {
    test: 'hooks/the-state-that-startcontainer-hooks-are-given-says-created',
    runtime,
    versions: '*',
    reason: "startContainer hooks are told 'starting'; seen with 1.8.1 and 1.28",
  },
  {
    test: 'hooks/no-hook-is-given-a-status-that-is-another-name-for-one-of-the-specification',
    runtime,
    versions: '*',
    reason: "startContainer hooks are told 'starting' of a container that is created",
  },
  {
    test: 'hooks/startcontainer-hooks-are-given-id-and-bundle-of-the-container-on-their-standard-input',
    runtime,
    versions: '*',
    reason: "startContainer hooks are told that the bundle is '/'; seen with 1.8.1 and 1.28",
  },
  {
    test: 'hooks/the-state-that-hooks-are-given-names-the-version-that-the-state-command-names',
    runtime,
    versions: '*',
    reason: "hooks are told '1.0', which is no version of the specification; state says 1.0.0",
  },
  ...(['createcontainer', 'startcontainer'] as const).flatMap((kind) =>
    [
      `hooks/${kind}-hooks-are-given-the-pid-of-the-container-s-process-as-the-container-sees-it`,
      `hooks/without-a-pid-namespace-${kind}-hooks-are-given-the-pid-that-the-host-sees`,
    ].map((test) => ({
      test,
      runtime,
      versions: '*',
      reason: 'hooks in the namespaces of the container are told pid 0; seen with 1.28',
    })),
  ),
  ...hookKinds.map((kind) => ({
    test: `hook-failures/create-refuses-a-${kind.toLowerCase()}-hook-whose-path-is-not-absolute`,
    runtime,
    versions: '*',
    reason: 'a relative path is followed from the working directory; seen with 1.8.1 and 1.28',
  })),
  ...[
    'createruntime-hook-with-a-timeout-of-zero',
    'poststop-hook-with-a-timeout-of-zero',
    'poststop-hook-with-a-timeout-of-minus-one',
  ].map((which) => ({
    test: `hook-failures/create-refuses-a-${which}-seconds`,
    runtime,
    versions: '*',
    reason: 'the timeout is not checked, and one of zero counts as none; seen with 1.8.1 and 1.28',
  })),
  {
    test: 'hook-failures/start-fails-when-a-startcontainer-hook-fails',
    runtime,
    versions: '*',
    reason: 'start exits with 0 before the hooks inside the container have run; seen with 1.8.1 and 1.28',
  },
  {
    test: 'hook-failures/a-container-whose-startcontainer-hook-failed-is-destroyed-and-its-poststop-hooks-run',
    runtime,
    versions: '*',
    reason: 'the container is left behind as stopped until it is deleted; seen with 1.8.1 and 1.28',
  },
]
