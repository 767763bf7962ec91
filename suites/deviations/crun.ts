import { hookKinds } from '../../harness/spec/index.ts'
import type { Deviation } from '../../harness/suite/index.ts'

const runtime = 'crun'

/** Where crun disagrees with the specification, as measured with the versions named. */
export const crunDeviations: readonly Deviation[] = [
  ...[
    'the-memory-limit-of-a-container-is-the-property-memorymax-of-its-scope',
    'the-memory-reservation-of-a-container-is-the-property-memorylow-of-its-scope',
    'the-unified-value-of-memory-high-of-a-container-is-the-property-memoryhigh-of-its-scope',
    'the-cpu-quota-of-a-container-is-the-property-cpuquotapersecusec-of-its-scope',
    'the-cpu-period-of-a-container-is-the-property-cpuquotaperiodusec-of-its-scope',
    'the-limit-of-tasks-of-a-container-is-the-property-tasksmax-of-its-scope',
    'the-set-of-processors-of-a-container-is-the-property-allowedcpus-of-its-scope',
    'update-changes-the-memory-limit-of-a-container-which-is-the-property-memorymax-of-its-scope',
    'update-changes-the-limit-of-tasks-of-a-container-which-is-the-property-tasksmax-of-its-scope',
  ].map((test) => ({
    test: `systemd-cgroups/${test}`,
    runtime,
    versions: '<1.9',
    reason:
      'of all limits systemd is told of the cpu weight alone; the others are in force in a cgroup below the scope; ' +
      'seen with 1.8.1, told by 1.28',
  })),
  {
    test: 'systemd-cgroups/the-limit-of-swap-of-a-container-is-the-property-memoryswapmax-of-its-scope',
    runtime,
    versions: '*',
    reason:
      'systemd is told nothing (seen with 1.8.1), or the limit of memory and swap together as that of swap alone ' +
      '(seen with 1.28); what is in force is right',
  },
  ...[
    'that-may-only-read-its-cgroup-mount',
    'without-a-cgroup-mount',
    'without-a-cgroup-namespace-of-its-own',
  ].map((which) => ({
    test: `cgroups/on-cgroup-v2-the-cgroup-of-a-container-${which}-stays-with-its-owner`,
    runtime,
    versions: '*',
    reason: 'the cgroup of a container with a user namespace is handed over in any case; seen with 1.28',
  })),
  {
    test: 'cgroups/on-cgroup-v2-three-files-are-handed-over-where-the-kernel-does-not-name-the-delegated-ones',
    runtime,
    versions: '*',
    reason: 'the cgroup is handed over, and none of its files; seen with 1.28',
  },
  {
    test: 'mounts/a-configuration-without-mounts-is-good',
    runtime,
    versions: '*',
    reason: 'create refuses a configuration without a list of mounts; seen with 1.8.1 and 1.28',
  },
  ...[
    'rw-undoes-an-earlier-ro-and-a-later-ro',
    'suid-undoes-an-earlier-nosuid-and-a-later-nosuid',
    'dev-undoes-an-earlier-nodev-and-a-later-nodev',
    'exec-undoes-an-earlier-noexec-and-a-later-noexec',
    'atime-undoes-an-earlier-noatime-and-a-later-noatime',
    'diratime-undoes-an-earlier-nodiratime-and-a-later-nodiratime',
    'async-undoes-an-earlier-sync-and-a-later-sync',
  ].map((pair) => ({
    test: `mount-options/the-mount-option-${pair}-undoes-it`,
    runtime,
    versions: '*',
    reason: 'what an earlier option has set, a later one does not clear; seen with 1.28',
  })),
  ...[
    'the-mount-option-nostrictatime-undoes-strictatime',
    'the-mount-options-nosuid-suid-dirsync-have-the-effect-they-have-for-mount-8',
  ].map((test) => ({
    test: `mount-options/${test}`,
    runtime,
    versions: '*',
    reason: 'what an earlier option has set, a later one does not clear; seen with 1.28',
  })),
  ...['iversion', 'noiversion', 'silent', 'loud'].map((option) => ({
    test: `mount-options/the-mount-option-${option}-is-accepted-and-kept-from-the-file-system`,
    runtime,
    versions: '*',
    reason: 'the option reaches the file system, which refuses it; seen with 1.28',
  })),
  ...[
    'the-mount-option-nosymfollow-is-in-effect',
    'the-mount-option-symfollow-undoes-an-earlier-nosymfollow-and-a-later-nosymfollow-undoes-it',
    'the-mount-option-rnosymfollow-is-about-a-whole-tree-of-mounts',
    'the-mount-option-rsymfollow-is-about-a-whole-tree-of-mounts',
  ].map((test) => ({
    test: `mount-options/${test}`,
    runtime,
    versions: '*',
    reason: 'the option is not known and is left to the file system; seen with 1.28',
  })),
  ...[
    ...['shared', 'slave', 'unbindable'].map(
      (option) => `the-mount-option-${option}-sets-the-propagation-of-a-mount`,
    ),
    ...['rshared', 'rslave', 'runbindable'].map(
      (option) => `the-mount-option-${option}-sets-the-propagation-of-a-whole-tree`,
    ),
    ...['rshared', 'rslave'].map(
      (option) => `with-the-mount-option-${option}-a-later-mount-of-the-host-arrives-in-the-container`,
    ),
  ].map((test) => ({
    test: `mount-options/${test}`,
    runtime,
    versions: '*',
    reason:
      'without rootfsPropagation every mount ends up private, whatever its own options are; seen with 1.28',
  })),
  ...['noatime', 'atime', 'nodiratime', 'diratime', 'strictatime', 'nostrictatime'].map((option) => ({
    test: `mount-options/the-mount-option-r${option}-is-about-a-whole-tree-of-mounts`,
    runtime,
    versions: '*',
    reason:
      'create fails: mount_setattr is not told which attribute of access times to clear; seen with 1.28',
  })),
  {
    test: 'mount-options/the-mount-option-rrelatime-is-about-a-whole-tree-of-mounts',
    runtime,
    versions: '*',
    reason: 'the option is accepted and nothing is done; seen with 1.28',
  },
  ...['mount', 'pid', 'network', 'uts', 'ipc', 'user', 'cgroup'].map((type) => ({
    test: `namespaces/create-refuses-two-entries-of-the-type-${type}`,
    runtime,
    versions: '<1.9',
    reason: 'create accepts two namespace entries of one type; seen with 1.8.1, refused by 1.28',
  })),
  {
    test: 'namespaces/create-refuses-two-entries-of-one-type-of-which-only-the-second-has-a-path',
    runtime,
    versions: '<1.9',
    reason: 'create accepts two namespace entries of one type; seen with 1.8.1, refused by 1.28',
  },
  {
    test: 'namespaces/create-refuses-a-namespace-path-that-is-relative-to-any-directory',
    runtime,
    versions: '*',
    reason: 'a relative path that leads to a namespace is joined; seen with 1.8.1 and 1.28',
  },
  {
    test: 'namespaces/a-container-joins-the-time-namespace-whose-path-is-given',
    runtime,
    versions: '*',
    reason:
      'with a new pid namespace create fails: to be in the namespace of time, the first process forks and ends, and ' +
      'the kernel kills the new process with it; seen with 1.28 under strace',
  },
  ...[
    'rootfs-propagation-slave-is-what-the-kernel-says-of-the-root-mount',
    'with-rootfs-propagation-slave-a-later-mount-of-the-host-arrives-in-the-container',
    'a-later-mount-of-the-host-that-arrives-in-a-container-with-rootfs-propagation-slave-does-not-with-private',
    'a-later-mount-of-the-host-that-arrives-in-a-container-with-rootfs-propagation-slave-does-not-with-unbindable',
  ].map((test) => ({
    test: `rootfs-propagation/${test}`,
    runtime,
    versions: '*',
    reason:
      'the mount that holds the root file system is made private whatever is asked for, so that nothing of the host ' +
      'arrives; seen with 1.8.1 and 1.28',
  })),
  {
    test: 'create/create-refuses-a-namespace-path-that-does-not-exist-and-leaves-nothing-behind',
    runtime,
    versions: '*',
    cgroup: 'v2',
    reason:
      'the cgroup stays behind of a container that create had begun and could not finish; seen with 1.8.1',
  },
  {
    test: 'rootfs-propagation/create-refuses-a-rootfs-propagation-that-does-not-exist',
    runtime,
    versions: '*',
    reason: 'a value that does not exist is accepted and nothing is done; seen with 1.8.1 and 1.28',
  },
  ...['a-clock-that-does-not-exist', 'a-clock-that-cannot-be-shifted'].map((clock) => ({
    test: `time-offsets/create-refuses-${clock}`,
    runtime,
    versions: '*',
    reason:
      'an offset for a clock that it does not know is passed over like an unknown property; seen with 1.28',
  })),
  {
    test: 'devices/create-refuses-a-device-of-a-type-that-does-not-exist',
    runtime,
    versions: '*',
    reason: 'a type that does not exist is accepted; seen with 1.8.1 and 1.28',
  },
  ...['without-a-major-number', 'without-a-minor-number', 'without-any-number'].map((fault) => ({
    test: `devices/create-refuses-a-device-${fault}`,
    runtime,
    versions: '*',
    reason: 'a number that is missing counts as 0; seen with 1.8.1 and 1.28',
  })),
  ...['a-regular-file', 'a-directory', 'a-device-of-another-number'].map((occupant) => ({
    test: `devices/create-refuses-a-device-at-whose-path-there-is-${occupant}`,
    runtime,
    versions: '*',
    reason: 'whatever lies at the path of a device is left there and taken for it; seen with 1.8.1 and 1.28',
  })),
  ...['of-a-type-that-does-not-exist', 'with-an-access-letter-that-does-not-exist'].map((fault) => ({
    test: `resources-devices/create-refuses-a-device-rule-${fault}-and-leaves-no-cgroup-behind`,
    runtime,
    versions: '*',
    reason: 'create fails, and the cgroups it has made stay; seen with 1.8.1 and 1.28',
    leaves: ['cgroup' as const],
  })),
  {
    test: 'cgroups/a-cgroupspath-that-climbs-a-step-up-leads-out-of-no-cgroup-hierarchy',
    runtime,
    versions: '*',
    cgroup: 'v1',
    reason:
      'follows the path out of the hierarchy and makes directories and plain files on the host; seen with 1.8.1 and 1.28',
  },
  {
    test: 'cgroups/a-cgroupspath-that-climbs-7-steps-up-leads-out-of-no-cgroup-hierarchy',
    runtime,
    versions: '*',
    reason:
      'follows the path out of the hierarchy and makes directories and plain files on the host; seen with 1.8.1 and 1.28',
  },
  {
    test: 'cgroups/create-with-a-limit-that-the-kernel-refuses-leaves-no-cgroup-behind',
    runtime,
    versions: '*',
    reason: 'the cgroups of a container whose limits could not be set stay; seen with 1.8.1 and 1.28',
  },
  {
    test: 'cgroups/create-in-a-cgroup-that-is-frozen-succeeds-or-is-refused-and-does-not-hang',
    runtime,
    versions: '*',
    reason: 'waits for its own process, which the cgroup has frozen, until that is thawed; seen with 1.28',
  },
  {
    test: 'cgroups/delete-keeps-a-cgroup-that-was-there-before-the-container',
    runtime,
    versions: '*',
    reason: 'delete removes the cgroup of the container, whoever has made it; seen with 1.8.1 and 1.28',
  },
  ...['bytes-read', 'bytes-written', 'reads', 'writes'].map((what) => ({
    test: `resources-blkio/a-limit-of-${what}-a-second-without-a-rate-is-refused`,
    runtime,
    versions: '*',
    cgroup: 'v1' as const,
    reason: 'a missing rate is taken for 0, which takes the limit away; seen with 1.8.1 and 1.28',
  })),
  {
    test: 'resources-memory/a-swappiness-above-100-is-refused',
    runtime,
    versions: '*',
    reason: 'a swappiness of 101 is accepted and not set; seen with 1.8.1 and 1.28',
  },
  {
    test: 'resources-cpu/a-cpu-quota-of-1-is-no-limit',
    runtime,
    versions: '<1.9',
    cgroup: 'v1',
    reason: 'writes -1 as the largest number there is, which the kernel refuses; seen with 1.8.1',
  },
  {
    test: 'resources-blkio/a-container-gets-the-block-weight-that-its-configuration-names',
    runtime,
    versions: '<1.9',
    cgroup: 'v1',
    reason: 'knows blkio.weight only, which kernels since 5.0 call blkio.bfq.weight; seen with 1.8.1',
  },
  {
    test: 'resources-blkio/the-block-weight-goes-up-to-1000-and-no-further',
    runtime,
    versions: '<1.9',
    cgroup: 'v1',
    reason: 'refuses every block weight on a kernel that has blkio.bfq.weight only; seen with 1.8.1',
  },
  {
    test: 'update/update-with-1-lifts-a-limit',
    runtime,
    versions: '<1.9',
    reason: 'writes -1 to pids.max, which the kernel refuses; seen with 1.8.1',
  },
  {
    test: 'scheduler-ioprio-affinity/an-input-and-output-priority-without-a-priority-is-refused',
    runtime,
    versions: '*',
    reason: 'a priority that is missing counts as 0; seen with 1.28',
  },
  {
    test: 'terminal/the-terminal-of-an-executed-process-has-the-size-of-its-process-file',
    runtime,
    versions: '<1.9',
    reason: 'of several executed processes some get no size; seen with 1.8.1',
  },
  {
    test: 'terminal/with-a-terminal-dev-console-is-mounted-from-it',
    runtime,
    versions: '>=1.9',
    reason: 'it is a symbolic link to the terminal; seen with 1.28',
  },
  {
    test: 'annotations/annotations-that-are-a-text-are-refused',
    runtime,
    versions: '*',
    reason: 'annotations that are no map count as none; seen with 1.8.1 and 1.28',
  },
  {
    test: 'annotations/annotations-that-are-a-list-are-refused',
    runtime,
    versions: '*',
    reason: 'annotations that are no map count as none; seen with 1.8.1 and 1.28',
  },
  {
    test: 'annotations/annotations-with-null-as-a-value-are-refused',
    runtime,
    versions: '>=1.9',
    reason: 'null is accepted; seen with 1.28',
  },
  {
    test: 'annotations/annotations-with-an-empty-key-are-refused',
    runtime,
    versions: '*',
    reason: 'an empty key is accepted; seen with 1.8.1 and 1.28',
  },
  {
    test: 'terminal/a-console-size-without-a-width-is-refused',
    runtime,
    versions: '*',
    reason: 'a member that is missing counts as 0; seen with 1.8.1 and 1.28',
  },
  {
    test: 'terminal/a-console-size-without-a-height-is-refused',
    runtime,
    versions: '*',
    reason: 'a member that is missing counts as 0; seen with 1.8.1 and 1.28',
  },
  {
    test: 'masked-readonly-paths/a-read-only-path-that-is-not-absolute-is-refused',
    runtime,
    versions: '*',
    reason: 'a relative path is accepted; seen with 1.8.1 and 1.28',
  },
  {
    test: 'masked-readonly-paths/a-masked-path-that-is-not-absolute-is-refused',
    runtime,
    versions: '*',
    reason: 'a relative path is accepted; seen with 1.8.1 and 1.28',
  },
  {
    test: 'personality/a-personality-with-a-flag-that-does-not-exist-is-refused',
    runtime,
    versions: '*',
    reason: 'a flag is passed over, though none is defined; seen with 1.8.1 and 1.28',
  },
  {
    test: 'capabilities/capabilities-that-the-caller-does-not-have-itself-are-no-reason-to-fail',
    runtime,
    versions: '*',
    reason:
      'create fails where a capability cannot be granted, which the specification says it should not; seen with 1.28',
  },
  {
    test: 'capabilities/a-capability-that-does-not-exist-is-warned-of',
    runtime,
    versions: '*',
    reason: 'a capability that does not exist is passed over in silence; seen with 1.28',
  },
  {
    test: 'process/an-apparmor-profile-that-the-kernel-does-not-have-is-refused',
    runtime,
    versions: '>=1.9',
    reason: 'a profile is passed over in silence on a host without AppArmor; seen with 1.28',
  },
  {
    test: 'process/a-configured-out-of-memory-score-adjustment-of-0-is-set-where-that-of-the-caller-is-another',
    runtime,
    versions: '<1.9',
    reason: 'a configured 0 counts as not configured; seen with 1.8.1',
  },
  {
    test: 'process/a-configuration-without-a-process-cannot-be-started',
    runtime,
    versions: '>=1.9',
    reason:
      'create and start exit with 0 although there is nothing to run; the container is stopped at once; seen with 1.28',
  },
  {
    test: 'process/a-process-with-no-arguments-at-all-is-refused',
    runtime,
    versions: '*',
    reason:
      'create and start exit with 0 although there is nothing to run; the container is stopped at once; seen with 1.8.1 and 1.28',
  },
  {
    test: 'process/a-process-file-with-a-relative-working-directory-is-refused',
    runtime,
    versions: '*',
    reason: 'a relative path is accepted, as in a configuration; seen with 1.8.1 and 1.28',
  },
  {
    test: 'process/a-working-directory-relative-to-the-current-one-is-refused',
    runtime,
    versions: '*',
    reason: 'a relative path is taken from the root of the container; seen with 1.8.1 and 1.28',
  },
  {
    test: 'process/a-relative-working-directory-is-refused',
    runtime,
    versions: '*',
    reason: 'a relative path is taken from the root of the container; seen with 1.8.1 and 1.28',
  },
  {
    test: 'process/an-executed-process-has-the-out-of-memory-score-adjustment-of-its-process-file',
    runtime,
    versions: '*',
    reason: 'exec passes over the score adjustment of its process file; seen with 1.8.1 and 1.28',
  },
  {
    test: 'rlimits/an-executed-process-whose-process-file-names-a-limit-twice-is-refused',
    runtime,
    versions: '*',
    reason: 'a limit that is named twice is accepted, as in a configuration; seen with 1.8.1 and 1.28',
  },
  {
    test: 'rlimits/a-limit-whose-type-is-there-before-with-other-values-is-refused',
    runtime,
    versions: '*',
    reason: 'a limit that is named twice is accepted; seen with 1.8.1 and 1.28',
  },
  {
    test: 'rlimits/a-limit-whose-type-is-there-before-with-the-same-values-is-refused',
    runtime,
    versions: '*',
    reason: 'a limit that is named twice is accepted; seen with 1.8.1 and 1.28',
  },
  {
    test: 'rlimits/a-limit-without-a-hard-value-is-refused',
    runtime,
    versions: '*',
    reason: 'a value that is missing counts as 0; seen with 1.8.1 and 1.28',
  },
  {
    test: 'rlimits/a-limit-without-a-soft-value-is-refused',
    runtime,
    versions: '*',
    reason: 'a value that is missing counts as 0; seen with 1.8.1 and 1.28',
  },
  {
    test: 'user/without-a-configured-umask-the-program-should-have-that-of-the-caller',
    runtime,
    versions: '*',
    reason:
      'the program always gets the umask 0022; the specification only says that it should be left alone; seen with 1.8.1 and 1.28',
  },
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
    versions: '<1.9',
    reason: 'create already refuses a configuration without a process; seen with 1.8.1',
  },
  {
    test: 'start/a-configuration-without-a-process-can-be-created-and-is-refused-by-start',
    runtime,
    versions: '>=1.9',
    reason: 'start exits with 0 although there is nothing to run; seen with 1.28',
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
  {
    test: 'seccomp/create-refuses-a-flag-that-does-not-exist',
    runtime,
    versions: '*',
    reason: 'a flag it does not know is ignored; seen with 1.8.1 and 1.28',
  },
  ...['rule-with-an-empty-list-of-names', 'condition-without-an-index', 'condition-without-a-value'].map(
    (what) => ({
      test: `seccomp/create-refuses-a-${what}`,
      runtime,
      versions: '*',
      reason: 'what is missing counts as empty or zero; seen with 1.8.1 and 1.28',
    }),
  ),
  ...[
    'a-number-to-fail-with-for-a-rule-that-allows',
    'a-number-to-fail-with-for-a-rule-that-kills',
    'metadata-for-a-listener-without-the-path-of-one',
  ].map((what) => ({
    test: `seccomp/create-refuses-${what}`,
    runtime,
    versions: '*',
    reason: 'the value is ignored where it has no meaning; seen with 1.28',
  })),
  {
    test: 'seccomp/the-path-of-a-listener-has-no-effect-where-no-rule-notifies-one',
    runtime,
    versions: '*',
    reason:
      'the listener is connected to whether or not a rule needs it, and has to be there; seen with 1.28',
  },
  {
    test: 'seccomp-notify/for-an-executed-process-the-agent-is-sent-another-state-over-another-connection',
    runtime,
    versions: '*',
    reason: 'the agent is told pid 0 in place of that of the executed process; seen with 1.28',
  },
  ...[
    'a-member-name-that-stands-twice-at-the-top-of-a-configuration',
    'a-member-name-that-stands-twice-deep-in-a-configuration',
  ].map((what) => ({
    test: `validation-errors/create-refuses-${what}`,
    runtime,
    versions: '*',
    reason: 'of two members of one name the last counts; seen with 1.8.1 and 1.28',
  })),
  ...[
    'a-configuration-whose-version-is-one-of-two-numbers',
    'a-configuration-whose-version-is-one-of-four-numbers',
    'a-configuration-whose-version-is-one-with-a-letter-in-front',
    'a-configuration-whose-version-is-one-with-a-leading-zero',
    'a-configuration-whose-version-is-one-that-ends-in-a-hyphen',
  ].map((what) => ({
    test: `validation-errors/create-refuses-${what}`,
    runtime,
    versions: '*',
    reason: 'of the version little more than its first number is looked at; seen with 1.8.1 and 1.28',
  })),
  ...[
    'a-text-where-process-args-belongs',
    'a-number-among-process-args',
    'a-text-where-process-terminal-belongs',
    'a-user-id-that-is-a-text',
    'an-out-of-memory-score-that-is-a-text',
    'a-text-where-root-readonly-belongs',
    'a-text-where-the-options-of-a-mount-belong',
    'a-number-where-hostname-belongs',
    'a-memory-limit-that-is-a-text',
    'a-text-where-linux-resources-belongs',
    'a-limit-of-processes-that-is-a-text',
    'a-text-where-linux-maskedpaths-belongs',
    'a-text-where-hooks-belongs',
    'an-object-where-the-hooks-of-a-kind-belong',
  ].map((what) => ({
    test: `validation-errors/create-refuses-${what}`,
    runtime,
    versions: '*',
    reason: 'a value of another type is converted or ignored; seen with 1.8.1 and 1.28',
  })),
  ...['a-propagation-that-does-not-exist'].map((what) => ({
    test: `validation-errors/create-refuses-${what}`,
    runtime,
    versions: '*',
    reason: 'the propagation is ignored; seen with 1.8.1 and 1.28',
  })),
  ...['a-configuration-with-a-byte-that-is-no-utf-8', 'a-config-json-with-a-comma-too-many'].map((what) => ({
    test: `validation-errors/create-refuses-${what}`,
    runtime,
    versions: '>=1.9',
    reason: 'the JSON parser is lenient; seen with 1.28, which reads by json-c, and not with 1.8.1',
  })),
  ...['a-configuration-whose-version-is-empty', 'a-configuration-whose-version-is-one-that-is-a-word'].map(
    (what) => ({
      test: `validation-errors/create-refuses-${what}`,
      runtime,
      versions: '>=1.9',
      reason: 'the version is not looked at; seen with 1.28, not with 1.8.1',
    }),
  ),
  ...['a-list-where-process-belongs'].map((what) => ({
    test: `validation-errors/create-refuses-${what}`,
    runtime,
    versions: '>=1.9',
    reason: 'a value of another type is ignored; seen with 1.28, not with 1.8.1',
  })),
  ...['that-is-empty', 'that-names-a-class-of-service', 'with-a-schema-for-the-memory-bandwidth'].map(
    (what) => ({
      test: `intel-rdt/where-no-resource-control-file-system-is-mounted-create-refuses-linux-intelrdt-${what}`,
      runtime,
      versions: '<1.9',
      reason: 'without resource control linux.intelRdt is ignored; seen with 1.8.1, not with 1.28',
    }),
  ),
  {
    test: 'features/features-holds-no-member-that-the-newest-version-it-names-does-not-have',
    runtime,
    versions: '*',
    reason: 'it names 1.1.0 as the newest version, and has members of 1.2 and 1.3; seen with 1.28',
  },
  {
    test: 'features/every-recursive-mount-option-that-features-lists-is-recognized',
    runtime,
    versions: '*',
    reason:
      'rdiratime is listed, and mount_setattr(2) is called with what the kernel refuses; seen with 1.28',
  },
  ...['quota', 'period'].flatMap((part) =>
    ['by-an-option', 'from-its-standard-input'].map((way) => ({
      test: `update/update-changes-the-cpu-${part}-${way}-and-no-other-limit`,
      runtime,
      versions: '*',
      cgroup: 'v2' as const,
      reason: 'the other half of cpu.max is written anew, as its default; seen with 1.8.1 and 1.28',
    })),
  ),
  {
    test: 'resources-hugetlb/a-limit-of-huge-pages-without-the-limit-is-refused',
    runtime,
    versions: '*',
    reason: 'a limit that is missing counts as 0; seen with 1.8.1 and 1.28',
  },
  {
    test: 'update/update-with-1-lifts-a-limit',
    runtime,
    versions: '>=1.9',
    cgroup: 'v2',
    reason: 'a quota of -1 leaves the quota as it was; seen with 1.28',
  },
  {
    test: 'resources-hugetlb/the-limit-of-huge-pages-is-one-of-reservations-too-where-the-kernel-accounts-for-them',
    runtime,
    versions: '*',
    cgroup: 'v2',
    reason: 'reservations are not limited; seen with 1.28',
  },
]
