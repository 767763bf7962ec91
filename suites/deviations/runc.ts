import { hookKinds } from '../../harness/spec/index.ts'
import type { Deviation } from '../../harness/suite/index.ts'

const runtime = 'runc'

/** Where runc disagrees with the specification, as measured with the versions named. */
export const runcDeviations: readonly Deviation[] = [
  {
    test: 'delete/delete-of-a-created-container-is-refused-and-leaves-it-created',
    runtime,
    versions: '*',
    reason: 'delete kills a created container and exits with 0',
    link: 'https://github.com/opencontainers/runc/issues/1774',
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
    test: 'hooks/poststart-hooks-do-not-run-before-start',
    runtime,
    versions: '<=1.5.0',
    reason: 'poststart hooks run in create; seen with 1.1.5 and 1.3.6',
    link: 'https://github.com/opencontainers/runc/issues/4347',
  },
  {
    test: 'hooks/poststart-hooks-run-when-the-program-is-executed-not-instead-of-it-or-before-it',
    runtime,
    versions: '<=1.5.0',
    reason: 'poststart hooks run in create, while the process waits for start',
    link: 'https://github.com/opencontainers/runc/issues/4347',
  },
  {
    test: 'hooks/the-state-that-poststart-hooks-are-given-says-running',
    runtime,
    versions: '<=1.5.0',
    reason: "poststart hooks run in create and are told 'created'",
    link: 'https://github.com/opencontainers/runc/issues/4347',
  },
  ...hookKinds.map((kind) => ({
    test: `hook-failures/create-refuses-a-${kind.toLowerCase()}-hook-whose-path-is-not-absolute`,
    runtime,
    versions: '*',
    reason: 'a relative path is followed from the working directory; seen with 1.1.5 and 1.3.6',
  })),
  ...(['startcontainer', 'poststop'] as const).map((kind) => ({
    test: `hook-failures/create-refuses-a-${kind}-hook-without-a-path`,
    runtime,
    versions: '*',
    reason: 'a hook is looked at only when it is to run; seen with 1.1.5 and 1.3.6',
  })),
  ...(['zero', 'minus-one'] as const).map((timeout) => ({
    test: `hook-failures/create-refuses-a-poststop-hook-with-a-timeout-of-${timeout}-seconds`,
    runtime,
    versions: '*',
    reason: 'the timeout is not checked; a hook that has it fails when it runs. Seen with 1.1.5 and 1.3.6',
  })),
  {
    test: 'hook-failures/start-fails-when-a-startcontainer-hook-fails',
    runtime,
    versions: '*',
    reason: 'start exits with 0 before the hooks inside the container have run; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'hook-failures/a-container-whose-startcontainer-hook-failed-is-destroyed-and-its-poststop-hooks-run',
    runtime,
    versions: '*',
    reason: 'the container is left behind as stopped until it is deleted; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'hook-failures/the-next-poststop-hook-runs-although-one-has-failed',
    runtime,
    versions: '*',
    reason: 'the first poststop hook that fails is the last to run; seen with 1.1.5 and 1.3.6',
    link: 'https://github.com/opencontainers/runtime-spec/pull/1310',
  },
  {
    test: 'hook-failures/delete-succeeds-although-a-poststop-hook-fails',
    runtime,
    versions: '>=1.2',
    reason:
      'delete exits with 1, after it has removed the container; seen with 1.3.6, while 1.1.5 only warns',
    link: 'https://github.com/opencontainers/runtime-spec/pull/1310',
  },
]
