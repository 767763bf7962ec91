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
]
