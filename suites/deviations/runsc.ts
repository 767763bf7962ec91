import type { Deviation } from '../../harness/suite/index.ts'

const runtime = 'runsc'

/** Tests that fail for one and the same reason. */
interface Cause extends Pick<Deviation, 'reason' | 'leaves' | 'link'> {
  readonly tests: readonly string[]
}

/** Where gVisor's runsc disagrees with the specification, as measured with 20240729. */
const causes: readonly Cause[] = [
  {
    reason:
      'create fails, and in doing so deletes the state file of the container that has the id: nobody can operate it any more, while its sandbox and its cgroups stay',
    leaves: ['container', 'process', 'cgroup'],
    tests: [
      'create/create-refuses-the-id-of-a-created-container-and-leaves-that-container-alone',
      'create/create-refuses-the-id-of-a-running-container-and-leaves-that-container-alone',
      'create/create-refuses-the-id-of-a-stopped-container-and-leaves-that-container-alone',
    ],
  },
  {
    reason: 'a dot is accepted as an id; its cgroup is then the root of each hierarchy',
    leaves: ['container', 'process', 'cgroup'],
    tests: ['create/create-refuses-an-id-that-is-a-dot'],
  },
  {
    reason: 'create fails, and leaves the cgroups that it had made',
    tests: [
      'create/create-refuses-a-bind-mount-whose-source-does-not-exist-and-leaves-nothing-behind',
      'root/create-refuses-a-root-file-system-that-does-not-exist',
      'root/create-refuses-a-root-file-system-that-is-a-regular-file',
    ],
  },
  {
    reason:
      'what its own kernel does not know, a file system type as well as a kernel parameter, is left out without an error',
    tests: [
      'create/create-refuses-a-file-system-type-the-kernel-does-not-have-and-leaves-nothing-behind',
      'create/create-refuses-a-sysctl-the-kernel-does-not-have-and-leaves-nothing-behind',
    ],
  },
  {
    reason: 'kernel parameters are not set in its own kernel',
    tests: ['sysctl/a-kernel-parameter-is-set-also-where-it-lies-under-a-read-only-path'],
  },
  {
    reason: 'paths of most namespaces are not looked at: its own kernel makes the namespace anew',
    tests: [
      'create/create-refuses-a-namespace-path-that-does-not-exist-and-leaves-nothing-behind',
      'namespaces/create-refuses-a-namespace-path-of-a-directory',
      'namespaces/create-refuses-a-namespace-path-of-a-regular-file',
      'namespaces/create-refuses-a-namespace-path-that-does-not-exist',
      'namespaces/create-refuses-a-namespace-path-that-is-relative-to-any-directory',
      'namespaces/create-refuses-a-namespace-path-that-is-relative-to-its-working-directory',
    ],
  },
  {
    reason: 'two namespaces of one type are accepted; one of them counts',
    tests: [
      'namespaces/create-refuses-two-entries-of-one-type-of-which-only-the-second-has-a-path',
      'namespaces/create-refuses-two-entries-of-the-type-cgroup',
      'namespaces/create-refuses-two-entries-of-the-type-ipc',
      'namespaces/create-refuses-two-entries-of-the-type-mount',
      'namespaces/create-refuses-two-entries-of-the-type-network',
      'namespaces/create-refuses-two-entries-of-the-type-pid',
      'namespaces/create-refuses-two-entries-of-the-type-user',
      'namespaces/create-refuses-two-entries-of-the-type-uts',
    ],
  },
  {
    reason: 'a namespace without a type, or of one that does not exist, is passed over',
    tests: [
      'namespaces/create-refuses-a-namespace-entry-of-a-type-that-does-not-exist',
      'namespaces/create-refuses-a-namespace-entry-with-an-empty-type',
      'namespaces/create-refuses-a-namespace-entry-without-a-type',
    ],
  },
  {
    reason: 'delete kills a created container and exits with 0',
    tests: ['delete/delete-of-a-created-container-is-refused-and-leaves-it-created'],
  },
  {
    reason:
      'kill of a created container is refused with exit code 128: it sends signals to running containers only',
    tests: [
      'hooks/poststop-hooks-run-for-a-container-that-was-never-started',
      'kill/kill-ends-a-container-that-was-created-and-never-started',
      'state/a-container-killed-before-its-program-ran-is-stopped',
    ],
  },
  {
    reason: 'the state repeats the path that create was given',
    tests: ['state/the-bundle-of-the-state-is-absolute-where-create-was-given-a-relative-path'],
  },
  {
    reason: 'start reads config.json once more, and fails when it is gone',
    tests: ['lifecycle/a-container-whose-config-json-is-gone-after-create-starts-and-can-be-deleted'],
  },
  {
    reason: 'an id is taken for the beginning of one, and refused as ambiguous where two ids begin with it',
    tests: ['concurrency/ids-of-which-one-begins-with-the-other-stand-for-different-containers'],
  },
  {
    reason: 'create already refuses a configuration without a process',
    tests: ['start/a-configuration-without-a-process-can-be-created-and-is-refused-by-start'],
  },
  {
    reason: 'createContainer and startContainer hooks are never run',
    tests: [
      'hooks/createcontainer-hooks-run-after-createruntime-hooks',
      'hooks/createcontainer-hooks-run-during-create-which-waits-for-them',
      'hooks/run-calls-the-hooks-of-every-kind-once',
      'hooks/startcontainer-hooks-run-during-start-and-before-the-program',
    ],
  },
  {
    reason: 'prestart and createRuntime hooks are told that the container is created, not creating',
    tests: [
      'hooks/the-state-that-createruntime-hooks-are-given-says-creating',
      'hooks/the-state-that-prestart-hooks-are-given-says-creating',
    ],
  },
  {
    reason: 'poststart hooks are told that the container is created, not running',
    tests: ['hooks/the-state-that-poststart-hooks-are-given-says-running'],
  },
  {
    reason: 'hooks are not looked at before their time; createContainer and startContainer hooks never',
    tests: [
      'hook-failures/create-refuses-a-createcontainer-hook-whose-path-is-not-absolute',
      'hook-failures/create-refuses-a-createcontainer-hook-without-a-path',
      'hook-failures/create-refuses-a-poststart-hook-whose-path-is-not-absolute',
      'hook-failures/create-refuses-a-poststart-hook-without-a-path',
      'hook-failures/create-refuses-a-poststop-hook-whose-path-is-not-absolute',
      'hook-failures/create-refuses-a-poststop-hook-with-a-timeout-of-minus-one-seconds',
      'hook-failures/create-refuses-a-poststop-hook-with-a-timeout-of-zero-seconds',
      'hook-failures/create-refuses-a-poststop-hook-without-a-path',
      'hook-failures/create-refuses-a-startcontainer-hook-whose-path-is-not-absolute',
      'hook-failures/create-refuses-a-startcontainer-hook-without-a-path',
    ],
  },
  {
    reason:
      'ambient capabilities are not given, and so neither are those that a program of another user has by them',
    tests: [
      'capabilities/the-ambient-set-of-a-program-of-another-user-follows-from-the-configured-ones',
      'capabilities/the-ambient-set-of-a-program-of-root-is-exactly-as-configured',
      'capabilities/the-ambient-set-of-an-executed-process-is-that-of-its-process-file',
      'capabilities/the-effective-set-of-a-program-of-another-user-follows-from-the-configured-ones',
      'capabilities/the-permitted-set-of-a-program-of-another-user-follows-from-the-configured-ones',
    ],
  },
  {
    reason: 'a umask is not set: the program has 0022',
    tests: [
      'user/an-executed-process-has-the-umask-of-its-process-file',
      'user/the-configured-umask-decides-on-the-mode-of-a-file-that-the-program-makes',
      'user/the-program-runs-with-the-configured-umask-0000',
      'user/the-program-runs-with-the-configured-umask-0077',
      'user/the-program-runs-with-the-configured-umask-0137',
      'user/without-a-configured-umask-the-program-should-have-that-of-the-caller',
    ],
  },
  {
    reason: 'files that a program in a user namespace makes belong to the root of that namespace',
    tests: ['user/user-and-group-id-count-inside-the-user-namespace-of-the-container'],
  },
  {
    reason: 'its own kernel knows every id, whatever the user namespace maps',
    tests: [
      'user/a-group-id-that-the-user-namespace-of-the-container-does-not-map-is-refused',
      'user/a-user-id-that-the-user-namespace-of-the-container-does-not-map-is-refused',
    ],
  },
  {
    reason: 'the working directory need not be absolute; the root stands in for one that is missing',
    tests: [
      'process/a-process-file-with-a-relative-working-directory-is-refused',
      'process/a-process-without-a-working-directory-is-refused',
      'process/a-relative-working-directory-is-refused',
      'process/a-working-directory-relative-to-the-current-one-is-refused',
      'process/an-empty-working-directory-is-refused',
    ],
  },
  {
    reason: 'AppArmor profiles are passed over',
    tests: ['process/an-apparmor-profile-that-the-kernel-does-not-have-is-refused'],
  },
  {
    reason: 'the score is set for its sandbox on the host; the program sees 0',
    tests: [
      'process/an-executed-process-has-the-out-of-memory-score-adjustment-of-its-process-file',
      'process/the-program-has-the-configured-out-of-memory-score-adjustment-1000',
      'process/the-program-has-the-configured-out-of-memory-score-adjustment-321',
      'process/without-a-configured-out-of-memory-score-adjustment-that-of-the-caller-stays',
    ],
  },
  {
    reason: 'personalities are passed over',
    tests: [
      'personality/a-personality-of-a-domain-in-lower-case-is-refused',
      'personality/a-personality-of-a-domain-that-does-not-exist-is-refused',
      'personality/a-personality-with-a-flag-that-does-not-exist-is-refused',
      'personality/a-personality-without-a-domain-is-refused',
      'personality/a-program-of-the-domain-linux32-is-told-another-machine-than-one-of-the-domain-linux',
    ],
  },
  {
    reason: 'an executed process has the limits of the container, whatever its process file says',
    tests: ['rlimits/an-executed-process-has-the-soft-and-hard-limits-of-its-process-file'],
  },
  {
    reason: 'limits are not checked: a value that is missing is 0, and of two limits of a type one counts',
    tests: [
      'rlimits/a-limit-whose-soft-value-exceeds-its-hard-value-is-refused',
      'rlimits/a-limit-whose-type-is-there-before-with-other-values-is-refused',
      'rlimits/a-limit-whose-type-is-there-before-with-the-same-values-is-refused',
      'rlimits/a-limit-without-a-hard-value-is-refused',
      'rlimits/a-limit-without-a-soft-value-is-refused',
      'rlimits/an-executed-process-whose-process-file-names-a-limit-twice-is-refused',
    ],
  },
  {
    reason: 'masked and read-only paths are passed over',
    tests: [
      'masked-readonly-paths/a-file-of-the-proc-file-system-can-be-masked',
      'masked-readonly-paths/a-masked-directory-is-empty',
      'masked-readonly-paths/a-masked-path-that-does-not-exist-is-passed-over',
      'masked-readonly-paths/a-masked-path-that-is-not-absolute-is-refused',
      'masked-readonly-paths/a-path-can-be-masked-below-a-directory-that-is-not',
      'masked-readonly-paths/a-read-only-path-that-does-not-exist-is-passed-over',
      'masked-readonly-paths/a-read-only-path-that-is-not-absolute-is-refused',
      'masked-readonly-paths/an-executed-process-cannot-read-what-is-masked-either',
      'masked-readonly-paths/an-executed-process-cannot-write-to-what-is-read-only-either',
      'masked-readonly-paths/masked-files-and-directories-cannot-be-read-and-their-neighbours-can',
      'masked-readonly-paths/nothing-can-be-made-in-a-read-only-directory-or-taken-out-of-it',
      'masked-readonly-paths/read-only-files-and-directories-cannot-be-written-to-and-their-neighbours-can',
    ],
  },
  {
    reason: 'the root mount of its own kernel has no propagation',
    tests: ['rootfs-propagation/rootfs-propagation-slave-is-what-the-kernel-says-of-the-root-mount'],
  },
  {
    reason: 'of the propagations only private and slave are accepted',
    tests: [
      'rootfs-propagation/rootfs-propagation-shared-is-what-the-kernel-says-of-the-root-mount',
      'rootfs-propagation/rootfs-propagation-unbindable-is-what-the-kernel-says-of-the-root-mount',
      'rootfs-propagation/a-later-mount-of-the-host-that-arrives-in-a-container-with-rootfs-propagation-slave-does-not-with-unbindable',
    ],
  },
  {
    reason: 'its sandbox ends at start when the configuration lists a device',
    tests: [
      'devices/a-block-device-that-is-listed-is-available-in-the-container',
      'devices/a-character-device-that-is-listed-is-available-in-the-container',
      'devices/a-device-whose-minor-number-takes-more-than-a-byte-that-is-listed-is-available-in-the-container',
      'devices/a-fifo-that-is-listed-is-available-in-the-container',
      'devices/an-unbuffered-character-device-that-is-listed-is-available-in-the-container',
      'devices/several-listed-devices-are-all-available',
      'resources-devices/a-rule-that-denies-everything-leaves-no-listed-device-open',
    ],
  },
  {
    reason: 'listed devices are not looked at in create',
    tests: [
      'devices/create-refuses-a-device-at-whose-path-there-is-a-device-of-another-number',
      'devices/create-refuses-a-device-at-whose-path-there-is-a-directory',
      'devices/create-refuses-a-device-at-whose-path-there-is-a-regular-file',
      'devices/create-refuses-a-device-of-a-type-that-does-not-exist',
      'devices/create-refuses-a-device-with-an-empty-path',
      'devices/create-refuses-a-device-without-a-major-number',
      'devices/create-refuses-a-device-without-a-minor-number',
      'devices/create-refuses-a-device-without-a-path',
      'devices/create-refuses-a-device-without-a-type',
      'devices/create-refuses-a-device-without-any-number',
    ],
  },
  {
    reason: 'device rules are not checked',
    tests: [
      'resources-devices/create-refuses-a-device-rule-of-a-type-that-does-not-exist-and-leaves-no-cgroup-behind',
      'resources-devices/create-refuses-a-device-rule-with-an-access-letter-that-does-not-exist-and-leaves-no-cgroup-behind',
    ],
  },
  {
    reason: 'device rules are set for its sandbox on the host; its own kernel opens every device it has',
    tests: [
      'resources-devices/a-process-executed-in-a-container-is-held-to-the-same-device-rules',
      'resources-devices/a-rule-for-block-devices-is-not-about-character-devices-of-the-same-numbers',
      'resources-devices/a-rule-for-character-devices-is-not-about-block-devices-of-the-same-numbers',
      'resources-devices/a-rule-that-allows-a-device-before-one-that-denies-everything-opens-nothing',
      'resources-devices/a-rule-that-allows-a-device-behind-one-that-denies-everything-opens-that-device-alone',
      'resources-devices/a-rule-that-allows-a-device-behind-one-that-denies-it-opens-it',
      'resources-devices/a-rule-that-denies-a-device-behind-one-that-allows-everything-closes-that-device-alone',
      'resources-devices/a-rule-that-denies-a-device-behind-one-that-allows-it-closes-it',
      'resources-devices/a-rule-that-denies-writing-leaves-reading-allowed',
      'resources-devices/a-rule-with-access-m-allows-neither-reading-nor-writing',
      'resources-devices/a-rule-with-access-r-allows-reading-alone',
      'resources-devices/a-rule-with-access-rw-allows-reading-and-writing',
      'resources-devices/a-rule-with-access-w-allows-writing-alone',
      'resources-devices/a-rule-without-a-major-number-is-about-every-device-of-its-minor-number',
      'resources-devices/a-rule-without-a-minor-number-is-about-every-device-of-its-major-number',
      'resources-devices/a-rule-without-numbers-is-about-every-device-of-its-type',
      'resources-devices/two-rules-that-allow-one-letter-each-allow-both',
    ],
  },
  {
    reason: 'a swappiness of 0 counts as none, and one above 100 is accepted as long as it is not applied',
    tests: [
      'resources-memory/a-swappiness-above-100-is-refused',
      'resources-memory/a-swappiness-of-0-is-no-missing-swappiness',
    ],
  },
  {
    reason: 'a weight is written to blkio.weight, which kernels since 5.0 do not have',
    tests: [
      'resources-blkio/a-container-gets-the-block-weight-that-its-configuration-names',
      'resources-blkio/the-block-weight-goes-up-to-1000-and-no-further',
    ],
  },
  {
    reason: 'a limit without a rate is accepted as 0, which lifts the limit',
    tests: [
      'resources-blkio/a-limit-of-bytes-read-a-second-without-a-rate-is-refused',
      'resources-blkio/a-limit-of-bytes-written-a-second-without-a-rate-is-refused',
      'resources-blkio/a-limit-of-reads-a-second-without-a-rate-is-refused',
      'resources-blkio/a-limit-of-writes-a-second-without-a-rate-is-refused',
    ],
  },
  {
    reason: 'an empty id is the beginning of every one: where there is one container, it is taken',
    tests: ['state/asking-for-the-state-of-a-container-with-an-empty-id-is-refused'],
  },
  {
    reason: 'a console size of which one side is missing is accepted',
    tests: [
      'terminal/a-console-size-without-a-height-is-refused',
      'terminal/a-console-size-without-a-width-is-refused',
    ],
  },
  {
    reason: 'exec has no option for a terminal',
    tests: [
      'terminal/an-executed-process-gets-a-terminal-by-an-option',
      'terminal/an-executed-process-has-its-terminal-as-the-controlling-one',
    ],
  },
  {
    reason:
      'the terminal is given as a file of the host: it has no name in the container, no size, and controls no program; nor is there a /dev/console',
    tests: [
      'terminal/a-program-of-another-user-than-root-has-a-terminal-too',
      'terminal/the-terminal-has-the-configured-size-when-the-program-starts',
      'terminal/the-terminal-is-a-pseudo-terminal-of-the-container',
      'terminal/the-terminal-is-the-controlling-one-of-the-program',
      'terminal/the-terminal-of-an-executed-process-has-the-size-of-its-process-file',
      'terminal/what-is-written-to-dev-console-comes-out-of-the-terminal',
      'terminal/with-a-terminal-dev-console-is-mounted-from-it',
      'terminal/with-a-terminal-dev-console-is-the-same-device',
    ],
  },
  {
    reason: 'annotations are not checked',
    tests: [
      'annotations/annotations-with-an-empty-key-are-refused',
      'annotations/annotations-with-null-as-a-value-are-refused',
    ],
  },
  {
    reason: 'the name of its lock file holds the id twice: longer ids than about 118 characters do not fit',
    tests: ['concurrency/a-container-whose-id-is-two-hundred-characters-lives-like-any-other'],
  },
  {
    reason: 'mounts are done in the order of their destinations, not of the list',
    tests: ['mounts/a-mount-below-an-earlier-one-is-seen-and-one-that-a-later-mount-covers-is-not'],
  },
  {
    reason: 'its own spec command mounts nothing there',
    tests: ['mounts/with-the-runtime-s-own-configuration-a-file-system-of-type-tmpfs-is-at-dev-shm'],
  },
  {
    reason: 'a file system type that its own kernel does not know is passed over with a warning',
    tests: ['mounts/create-refuses-a-file-system-type-that-does-not-exist'],
  },
  {
    reason: 'a destination that is a symbolic link is not resolved inside the root file system',
    tests: ['mounts/a-destination-that-is-a-link-to-a-path-of-the-host-is-not-followed-out-of-the-container'],
  },
  {
    reason: 'its own kernel maps every id to itself, whatever is configured',
    tests: [
      'id-mappings/groups-are-mapped-by-their-own-list-and-not-by-that-of-the-users',
      'id-mappings/the-ids-of-a-user-namespace-are-mapped-as-configured',
    ],
  },
  {
    reason: 'the version of a configuration is not looked at',
    tests: [
      'validation-errors/create-refuses-a-configuration-whose-version-is-empty',
      'validation-errors/create-refuses-a-configuration-whose-version-is-one-of-four-numbers',
      'validation-errors/create-refuses-a-configuration-whose-version-is-one-of-two-numbers',
      'validation-errors/create-refuses-a-configuration-whose-version-is-one-that-ends-in-a-hyphen',
      'validation-errors/create-refuses-a-configuration-whose-version-is-one-that-is-a-word',
      'validation-errors/create-refuses-a-configuration-whose-version-is-one-with-a-leading-zero',
      'validation-errors/create-refuses-a-configuration-whose-version-is-one-with-a-letter-in-front',
      'validation-errors/create-refuses-a-configuration-without-a-version',
    ],
  },
  {
    reason:
      'a configuration is decoded leniently: bytes that are no UTF-8 are replaced, and of two members of one name the last one counts',
    tests: [
      'validation-errors/create-refuses-a-configuration-with-a-byte-that-is-no-utf-8',
      'validation-errors/create-refuses-a-member-name-that-stands-twice-at-the-top-of-a-configuration',
      'validation-errors/create-refuses-a-member-name-that-stands-twice-deep-in-a-configuration',
    ],
  },
  {
    reason: 'values that its own kernel has no use for are not looked at',
    tests: [
      'validation-errors/create-refuses-a-namespace-of-a-type-that-does-not-exist',
      'validation-errors/create-refuses-an-execution-domain-that-does-not-exist',
      'validation-errors/create-refuses-an-out-of-memory-score-beyond-1000',
    ],
  },
  {
    reason: 'intelRdt is passed over',
    tests: [
      'intel-rdt/where-no-resource-control-file-system-is-mounted-create-refuses-linux-intelrdt-that-is-empty',
      'intel-rdt/where-no-resource-control-file-system-is-mounted-create-refuses-linux-intelrdt-that-names-a-class-of-service',
      'intel-rdt/where-no-resource-control-file-system-is-mounted-create-refuses-linux-intelrdt-with-a-schema-for-the-memory-bandwidth',
    ],
  },
  {
    reason: 'start refuses a filter with the action LOG',
    tests: ['seccomp/a-system-call-with-the-action-log-is-let-pass-where-the-default-action-would-not'],
  },
  {
    reason:
      'the filter holds for the first process of a container and what that starts, not for executed ones',
    tests: ['seccomp/a-filter-takes-effect-on-a-process-that-is-executed-in-the-container'],
  },
  {
    reason: 'filters are not looked at in create',
    tests: [
      'seccomp/create-refuses-a-condition-on-a-seventh-argument',
      'seccomp/create-refuses-a-condition-with-an-operator-that-does-not-exist',
      'seccomp/create-refuses-a-condition-without-a-value',
      'seccomp/create-refuses-a-condition-without-an-index',
      'seccomp/create-refuses-a-condition-without-an-operator',
      'seccomp/create-refuses-a-default-action-that-does-not-exist',
      'seccomp/create-refuses-a-filter-without-a-default-action',
      'seccomp/create-refuses-a-flag-that-does-not-exist',
      'seccomp/create-refuses-a-rule-with-an-action-that-does-not-exist',
      'seccomp/create-refuses-a-rule-with-an-empty-list-of-names',
      'seccomp/create-refuses-a-rule-without-an-action',
      'seccomp/create-refuses-a-rule-without-names',
      'seccomp/create-refuses-an-architecture-that-does-not-exist',
    ],
  },
]

export const runscDeviations: readonly Deviation[] = causes.flatMap(({ tests, ...cause }) =>
  tests.map((test) => ({ ...cause, test, runtime, versions: '*' })),
)
