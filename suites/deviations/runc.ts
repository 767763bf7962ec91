import { hookKinds } from '../../harness/spec/index.ts'
import type { Deviation } from '../../harness/suite/index.ts'

const runtime = 'runc'

/** Where runc disagrees with the specification, as measured with the versions named. */
export const runcDeviations: readonly Deviation[] = [
  {
    test: 'cgroups/on-cgroup-v2-a-container-that-may-write-to-its-cgroup-mount-owns-its-cgroup-and-the-delegated-files',
    runtime,
    versions: '*',
    reason: 'the cgroup is not handed over by the driver that works without systemd; seen with 1.3.6',
  },
  ...[
    'a-swappiness',
    'an-out-of-memory-killer-that-is-off',
    'a-limit-of-kernel-memory',
    'a-limit-of-kernel-memory-for-tcp',
    'a-network-class',
    'a-network-priority',
    'a-realtime-runtime',
  ].map((setting) => ({
    test: `resources-unified/${setting}-is-refused-on-cgroup-v2-which-has-nothing-of-the-kind`,
    runtime,
    versions: '*',
    reason: 'what cgroup v2 has no word for is dropped in silence; seen with 1.3.6 on kernel 6.1',
  })),
  {
    test: 'mounts/a-configuration-without-mounts-is-good',
    runtime,
    versions: '*',
    reason:
      "create fails: the runtime itself reads files of the container's /proc; seen with 1.1.5 and 1.3.6",
  },
  {
    test: 'mount-options/the-mount-option-defaults-is-accepted-and-kept-from-the-file-system',
    runtime,
    versions: '*',
    reason: 'the option reaches the file system, which refuses it; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'cgroups/delete-keeps-a-cgroup-that-was-there-before-the-container',
    runtime,
    versions: '*',
    reason: 'delete removes the cgroup of the container, whoever has made it; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'namespaces/create-refuses-a-namespace-path-that-is-relative-to-any-directory',
    runtime,
    versions: '*',
    reason: 'a relative path that leads to a namespace is joined; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'namespaces/a-container-joins-a-user-namespace-although-no-mappings-are-given-beside-its-path',
    runtime,
    versions: '<1.2',
    reason: 'create wants mappings also for a user namespace that exists already; seen with 1.1.5',
  },
  {
    test: 'rootfs-propagation/rootfs-propagation-shared-is-what-the-kernel-says-of-the-root-mount',
    runtime,
    versions: '<1.2',
    reason: 'the root mount is left private; seen with 1.1.5, shared with 1.3.6',
  },
  ...[
    'rootfs-propagation-unbindable-is-what-the-kernel-says-of-the-root-mount',
    'a-later-mount-of-the-host-that-arrives-in-a-container-with-rootfs-propagation-slave-does-not-with-unbindable',
  ].map((test) => ({
    test: `rootfs-propagation/${test}`,
    runtime,
    versions: '<1.2',
    reason:
      'create fails: everything is made unbindable before the root file system is bound onto itself; seen with 1.1.5, ' +
      'not with 1.3.6',
  })),
  ...[
    ['rootfs-propagation-slave-is-what-the-kernel-says-of-the-root-mount', '*'],
    ['with-rootfs-propagation-slave-a-later-mount-of-the-host-arrives-in-the-container', '*'],
    [
      'a-later-mount-of-the-host-that-arrives-in-a-container-with-rootfs-propagation-slave-does-not-with-private',
      '*',
    ],
    [
      'a-later-mount-of-the-host-that-arrives-in-a-container-with-rootfs-propagation-slave-does-not-with-unbindable',
      '>=1.2',
    ],
  ].map(([test, versions = '*']) => ({
    test: `rootfs-propagation/${test}`,
    runtime,
    versions,
    reason:
      'the mount that holds the root file system is made private whatever is asked for, so that nothing of the host ' +
      'arrives; seen with 1.1.5, which spares the mount that is the root of the host, and 1.3.6',
  })),
  ...['without-a-path', 'with-an-empty-path'].map((fault) => ({
    test: `devices/create-refuses-a-device-${fault}`,
    runtime,
    versions: '*',
    reason: 'a device without a path is accepted and lies nowhere; seen with 1.1.5 and 1.3.6',
  })),
  ...['without-a-major-number', 'without-a-minor-number', 'without-any-number'].map((fault) => ({
    test: `devices/create-refuses-a-device-${fault}`,
    runtime,
    versions: '*',
    reason: 'a number that is missing counts as 0; seen with 1.1.5 and 1.3.6',
  })),
  ...['a-regular-file', 'a-directory', 'a-device-of-another-number'].map((occupant) => ({
    test: `devices/create-refuses-a-device-at-whose-path-there-is-${occupant}`,
    runtime,
    versions: '*',
    reason: 'whatever lies at the path of a device is left there and taken for it; seen with 1.1.5 and 1.3.6',
  })),
  ...['bytes-read', 'bytes-written', 'reads', 'writes'].map((what) => ({
    test: `resources-blkio/a-limit-of-${what}-a-second-without-a-rate-is-refused`,
    runtime,
    versions: '*',
    cgroup: 'v1' as const,
    reason: 'a missing rate is taken for 0, which takes the limit away; seen with 1.1.5 and 1.3.6',
  })),
  {
    test: 'scheduler-ioprio-affinity/an-input-and-output-priority-without-a-priority-is-refused',
    runtime,
    versions: '*',
    reason: 'a priority that is missing counts as 0; seen with 1.3.6',
  },
  {
    test: 'annotations/annotations-with-null-as-a-value-are-refused',
    runtime,
    versions: '*',
    reason: 'null counts as an empty text; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'annotations/annotations-with-an-empty-key-are-refused',
    runtime,
    versions: '*',
    reason: 'an empty key is accepted; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'terminal/a-console-size-without-a-width-is-refused',
    runtime,
    versions: '*',
    reason: 'a member that is missing counts as 0; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'terminal/a-console-size-without-a-height-is-refused',
    runtime,
    versions: '*',
    reason: 'a member that is missing counts as 0; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'personality/an-executed-process-has-the-personality-of-its-container',
    runtime,
    versions: '<1.2',
    reason: 'the personality is passed over altogether; seen with 1.1.5',
  },
  {
    test: 'personality/a-personality-of-a-domain-in-lower-case-is-refused',
    runtime,
    versions: '<1.2',
    reason: 'the personality is passed over altogether; seen with 1.1.5',
  },
  {
    test: 'personality/a-personality-of-a-domain-that-does-not-exist-is-refused',
    runtime,
    versions: '<1.2',
    reason: 'the personality is passed over altogether; seen with 1.1.5',
  },
  {
    test: 'personality/a-personality-without-a-domain-is-refused',
    runtime,
    versions: '<1.2',
    reason: 'the personality is passed over altogether; seen with 1.1.5',
  },
  {
    test: 'personality/an-empty-list-of-personality-flags-is-accepted',
    runtime,
    versions: '<1.2',
    reason: 'the personality is passed over altogether; seen with 1.1.5',
  },
  {
    test: 'personality/a-program-of-the-domain-linux32-is-told-another-machine-than-one-of-the-domain-linux',
    runtime,
    versions: '<1.2',
    reason: 'the personality is passed over altogether; seen with 1.1.5',
  },
  {
    test: 'personality/the-program-has-the-execution-domain-linux32-where-that-is-configured',
    runtime,
    versions: '<1.2',
    reason: 'the personality is passed over altogether; seen with 1.1.5',
  },
  {
    test: 'personality/the-program-has-the-execution-domain-linux-where-that-is-configured-whatever-that-of-the-caller',
    runtime,
    versions: '<1.2',
    reason: 'the personality is passed over altogether; seen with 1.1.5',
  },
  {
    test: 'masked-readonly-paths/a-read-only-path-that-is-not-absolute-is-refused',
    runtime,
    versions: '*',
    reason: 'a relative path is accepted; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'masked-readonly-paths/a-masked-path-that-is-not-absolute-is-refused',
    runtime,
    versions: '*',
    reason: 'a relative path is accepted; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'personality/a-personality-with-a-flag-that-does-not-exist-is-refused',
    runtime,
    versions: '*',
    reason: 'a flag is passed over, though none is defined; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'capabilities/capabilities-that-the-caller-does-not-have-itself-are-no-reason-to-fail',
    runtime,
    versions: '*',
    reason:
      'create fails where a capability cannot be granted, which the specification says it should not; seen with 1.3.6',
  },
  {
    test: 'user/an-executed-process-has-the-umask-of-its-process-file',
    runtime,
    versions: '*',
    reason: 'exec passes over the umask of its process file; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'process/an-executed-process-has-the-out-of-memory-score-adjustment-of-its-process-file',
    runtime,
    versions: '*',
    reason: 'exec passes over the score adjustment of its process file; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'rlimits/an-executed-process-whose-process-file-names-a-limit-twice-is-refused',
    runtime,
    versions: '*',
    reason: 'a limit that is named twice is accepted, as in a configuration; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'rlimits/a-limit-whose-type-is-there-before-with-other-values-is-refused',
    runtime,
    versions: '*',
    reason: 'a limit that is named twice is accepted; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'rlimits/a-limit-whose-type-is-there-before-with-the-same-values-is-refused',
    runtime,
    versions: '*',
    reason: 'a limit that is named twice is accepted; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'annotations/a-configured-stop-signal-should-be-what-kill-sends-where-no-other-is-named',
    runtime,
    versions: '*',
    reason:
      'kill sends SIGTERM where no signal is named, whatever the annotation says; the specification only says it should be otherwise; seen with 1.3.6',
  },
  {
    test: 'rlimits/a-limit-without-a-hard-value-is-refused',
    runtime,
    versions: '*',
    reason: 'a value that is missing counts as 0; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'rlimits/a-limit-without-a-soft-value-is-refused',
    runtime,
    versions: '*',
    reason: 'a value that is missing counts as 0; seen with 1.1.5 and 1.3.6',
  },
  {
    test: 'user/without-a-configured-umask-the-program-should-have-that-of-the-caller',
    runtime,
    versions: '*',
    reason:
      'the program always gets the umask 0022; the specification only says that it should be left alone; seen with 1.1.5 and 1.3.6',
  },
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
  ...(['tsync', 'log', 'spec-allow'] as const).map((flag) => ({
    test: `seccomp/a-filter-with-the-flag-seccomp-filter-flag-${flag}-takes-effect`,
    runtime,
    versions: '<1.2',
    reason: 'every flag of a filter is refused as not supported yet; seen with 1.1.5, not with 1.3.6',
  })),
  ...[
    'rule-without-names',
    'rule-with-an-empty-list-of-names',
    'condition-without-an-index',
    'condition-without-a-value',
  ].map((what) => ({
    test: `seccomp/create-refuses-a-${what}`,
    runtime,
    versions: '*',
    reason: 'what is missing counts as empty or zero; seen with 1.1.5 and 1.3.6',
  })),
  ...[
    'a-number-to-fail-with-for-a-rule-that-allows',
    'a-number-to-fail-with-for-a-rule-that-kills',
    'a-number-to-fail-with-for-a-default-action-that-allows',
    'a-number-to-fail-with-for-a-default-action-that-only-logs',
    'metadata-for-a-listener-without-the-path-of-one',
  ].map((what) => ({
    test: `seccomp/create-refuses-${what}`,
    runtime,
    versions: '*',
    reason: 'the value is ignored where it has no meaning; seen with 1.3.6',
  })),
  ...['a-configuration-with-a-byte-that-is-no-utf-8'].map((what) => ({
    test: `validation-errors/create-refuses-${what}`,
    runtime,
    versions: '*',
    reason: 'a byte that is no UTF-8 is replaced in silence; seen with 1.1.5 and 1.3.6',
  })),
  ...[
    'a-member-name-that-stands-twice-at-the-top-of-a-configuration',
    'a-member-name-that-stands-twice-deep-in-a-configuration',
  ].map((what) => ({
    test: `validation-errors/create-refuses-${what}`,
    runtime,
    versions: '*',
    reason: 'of two members of one name the last counts; seen with 1.1.5 and 1.3.6',
  })),
  ...[
    'a-configuration-without-a-version',
    'a-configuration-whose-version-is-empty',
    'a-configuration-whose-version-is-one-of-two-numbers',
    'a-configuration-whose-version-is-one-of-four-numbers',
    'a-configuration-whose-version-is-one-with-a-letter-in-front',
    'a-configuration-whose-version-is-one-with-a-leading-zero',
    'a-configuration-whose-version-is-one-that-ends-in-a-hyphen',
    'a-configuration-whose-version-is-one-that-is-a-word',
  ].map((what) => ({
    test: `validation-errors/create-refuses-${what}`,
    runtime,
    versions: '*',
    reason: 'the version is not looked at; seen with 1.1.5 and 1.3.6',
  })),
  ...['an-execution-domain-that-does-not-exist'].map((what) => ({
    test: `validation-errors/create-refuses-${what}`,
    runtime,
    versions: '<1.2',
    reason: 'linux.personality is not known, and ignored; seen with 1.1.5, not with 1.3.6',
  })),
  ...['that-is-empty', 'that-names-a-class-of-service'].map((what) => ({
    test: `intel-rdt/where-no-resource-control-file-system-is-mounted-create-refuses-linux-intelrdt-${what}`,
    runtime,
    versions: '*',
    reason: 'without resource control linux.intelRdt is ignored; seen with 1.1.5 and 1.3.6',
  })),
  {
    test: 'features/the-mount-option-defaults-that-features-lists-is-recognized',
    runtime,
    versions: '*',
    reason: 'the option is handed on to the file system, and a tmpfs refuses it; seen with 1.3.6',
  },
  {
    test: 'resources-devices/create-refuses-a-device-rule-with-an-access-letter-that-does-not-exist-and-leaves-no-cgroup-behind',
    runtime,
    versions: '*',
    cgroup: 'v2',
    reason:
      'the program that replaces the device controller leaves out letters that it does not know; seen with 1.1.5',
  },
  {
    test: 'resources-hugetlb/a-limit-of-huge-pages-without-the-limit-is-refused',
    runtime,
    versions: '*',
    reason: 'a limit that is missing counts as 0; seen with 1.1.5',
  },
]
