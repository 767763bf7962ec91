import { type CgroupLayout, cgroupLayout } from './cgroup-layout.ts'
import { cgroupTrials, tryCgroupAtTheTop, tryInCgroup } from './cgroup-need.ts'
import { RunwrightError } from './errors.ts'
import {
  tryAppArmor,
  tryContainers,
  tryDeadline,
  tryDeviceNodes,
  tryFirstProcessors,
  tryMemoryPolicies,
  tryNamespace,
  tryNoResourceControl,
  tryOtherIds,
  tryOverlay,
  tryPassableBundles,
  tryPrograms,
  tryRaisingLimit,
  tryRealTime,
  tryResourceControl,
  tryRoot,
  tryScore,
  trySeccomp,
  trySelinux,
  tryTmpfs,
  tryTwoProcessors,
  tryUsableDevices,
} from './host-trials.ts'
import { trySystemd } from './systemd.ts'
import { UnmetNeedError } from './unmet-need-error.ts'

/** Whether the host meets a need; if not, why, and what its user can do about it. */
export type NeedVerdict =
  | { readonly met: true }
  | { readonly met: false; readonly reason: string; readonly remedy: string }

interface Need {
  /** Does once what the need is about, and cleans up; throws when it cannot be done. */
  readonly tryIt: () => void | Promise<void>
  readonly remedy: string
}

const privileged = 'run as root with all capabilities (in a container: --privileged)'
const kernelOption = (option: string) => `${privileged}, on a kernel built with ${option}`

const allowUserNamespaces =
  'sysctl user.max_user_namespaces=10000, and where they exist kernel.unprivileged_userns_clone=1, ' +
  'kernel.apparmor_restrict_unprivileged_userns=0'

const otherNeeds = {
  containers: {
    tryIt: tryContainers,
    remedy: `run as root (sudo), or as a user who can make user namespaces: ${allowUserNamespaces}`,
  },
  'other-ids': { tryIt: tryOtherIds, remedy: 'run as root (sudo)' },
  'passable-bundles': {
    tryIt: tryPassableBundles,
    remedy: 'set RUNWRIGHT_HOME to a directory that every user can pass through, as /var/cache/runwright',
  },
  'program-files': {
    tryIt: tryPrograms,
    remedy: 'set RUNWRIGHT_SESSIONS to a directory of a file system that is not mounted noexec',
  },
  'device-nodes': { tryIt: tryDeviceNodes, remedy: privileged },
  'usable-devices': { tryIt: tryUsableDevices, remedy: 'run as root (sudo), or chmod 666 the device' },
  root: { tryIt: tryRoot, remedy: 'run as root (sudo)' },
  'user-namespace': {
    tryIt: () => tryNamespace('--user', '--map-root-user'),
    remedy: `allow user namespaces: ${allowUserNamespaces}`,
  },
  'mount-namespace': { tryIt: () => tryNamespace('--mount'), remedy: privileged },
  'pid-namespace': { tryIt: () => tryNamespace('--pid', '--fork'), remedy: privileged },
  'ipc-namespace': { tryIt: () => tryNamespace('--ipc'), remedy: privileged },
  'uts-namespace': { tryIt: () => tryNamespace('--uts'), remedy: privileged },
  'network-namespace': { tryIt: () => tryNamespace('--net'), remedy: kernelOption('CONFIG_NET_NS') },
  'cgroup-namespace': {
    tryIt: () => tryNamespace('--cgroup'),
    remedy: kernelOption('CONFIG_CGROUPS (4.6 or newer)'),
  },
  'time-namespace': {
    tryIt: () => tryNamespace('--time'),
    remedy: kernelOption('CONFIG_TIME_NS (5.6 or newer)'),
  },
  'tmpfs-mount': { tryIt: tryTmpfs, remedy: privileged },
  overlay: { tryIt: tryOverlay, remedy: kernelOption('CONFIG_OVERLAY_FS (modprobe overlay)') },
  'two-processors': { tryIt: tryTwoProcessors, remedy: 'use a machine with two processors, or more' },
  'memory-policy': { tryIt: tryMemoryPolicies, remedy: 'use a kernel built with CONFIG_NUMA' },
  seccomp: { tryIt: trySeccomp, remedy: 'use a kernel built with CONFIG_SECCOMP_FILTER' },
  apparmor: {
    tryIt: tryAppArmor,
    remedy: 'use a host with AppArmor on and a profile loaded in complain or unconfined mode (aa-complain)',
  },
  selinux: { tryIt: trySelinux, remedy: 'use a host with SELinux on and the policy container-selinux' },
  'scheduler-real-time': {
    tryIt: tryRealTime,
    remedy: `${privileged}, in a cgroup with real-time runtime (cpu.rt_runtime_us) where the kernel divides it`,
  },
  'scheduler-deadline': {
    tryIt: tryDeadline,
    remedy: `${privileged}, in no cpuset that leaves out processors`,
  },
  'processors-0-and-1': {
    tryIt: tryFirstProcessors,
    remedy: 'use a machine with two processors, and no cpuset that leaves out one of the first two',
  },
  resctrl: {
    tryIt: tryResourceControl,
    remedy: 'use a processor with memory bandwidth allocation: mount -t resctrl resctrl /sys/fs/resctrl',
  },
  'no-resctrl': { tryIt: tryNoResourceControl, remedy: 'umount /sys/fs/resctrl' },
  'rlimit-raise': { tryIt: tryRaisingLimit, remedy: 'run as root with CAP_SYS_RESOURCE' },
  'proc-oom': { tryIt: () => tryScore(1000), remedy: 'mount /proc writable' },
  'proc-oom-lower': { tryIt: () => tryScore(-1000), remedy: 'run as root with CAP_SYS_RESOURCE' },
  'cgroup-at-the-top': { tryIt: tryCgroupAtTheTop, remedy: privileged },
  'cgroup-v1': {
    tryIt: () => tryVersion('v1', 'hybrid'),
    remedy: 'boot with systemd.unified_cgroup_hierarchy=0',
  },
  systemd: {
    tryIt: trySystemd,
    remedy: "run as root on a host booted with systemd, or 'runwright run --vm --init systemd'",
  },
  'cgroup-v2': { tryIt: () => tryVersion('v2'), remedy: 'boot with systemd.unified_cgroup_hierarchy=1' },
} as const satisfies Readonly<Record<string, Need>>

/** What helps where a controller is missing, if it is not simply privilege. */
const cgroupRemedies: Readonly<Record<string, string>> = {
  'cgroup-memory': `${privileged}, booted with cgroup_enable=memory`,
  'cgroup-memory-swap': `${privileged}, booted with swapaccount=1`,
  'cgroup-memory-swappiness': 'use a host with cgroup v1',
  'cgroup-memory-oom-control': 'use a host with cgroup v1',
  'cgroup-memory-kernel': 'use a host with cgroup v1 and a kernel before 5.16',
  'cgroup-cpu-burst': kernelOption('CONFIG_CFS_BANDWIDTH (5.14 or newer)'),
  'cgroup-cpu-idle': `${privileged}, on kernel 5.15 or newer`,
  'cgroup-cpu-realtime': 'use a host with cgroup v1 and a kernel built with CONFIG_RT_GROUP_SCHED',
  'cgroup-blkio': `${privileged}, on a machine with a disk and a kernel built with CONFIG_BLK_DEV_THROTTLING`,
  'cgroup-blkio-weight': kernelOption('CONFIG_BFQ_GROUP_IOSCHED (modprobe bfq)'),
  'cgroup-blkio-weight-device':
    'give the first disk the BFQ scheduler: modprobe bfq; echo bfq > /sys/block/DISK/queue/scheduler',
  'cgroup-hugetlb-reservation': kernelOption('CONFIG_CGROUP_HUGETLB (5.7 or newer)'),
  'cgroup-rdma': 'use a machine with an RDMA device (rxe will do) and the rdma controller',
  'cgroup-hugetlb': kernelOption('CONFIG_CGROUP_HUGETLB, its v1 hierarchy mounted where v1 is used'),
  'cgroup-net-cls': 'use a host with the net_cls hierarchy of cgroup v1 mounted',
  'cgroup-net-prio': 'use a host with the net_prio hierarchy of cgroup v1 mounted',
}

const otherCgroupRemedy = `${privileged}, with the controller mounted and writable below /sys/fs/cgroup`

/** What a test can require of the host. */
export type HostNeed = keyof typeof otherNeeds | keyof typeof cgroupTrials

const needs: ReadonlyMap<string, Need> = new Map<string, Need>([
  ...Object.entries(otherNeeds),
  ...Object.entries(cgroupTrials).map(([name, trials]): [string, Need] => [
    name,
    { tryIt: () => tryInCgroup(trials), remedy: cgroupRemedies[name] ?? otherCgroupRemedy },
  ]),
])

/** Every need, for whoever lists them. */
export const hostNeeds: readonly HostNeed[] = [...needs.keys()].filter(isHostNeed)

/** Whether a name is that of a need of the host. */
export function isHostNeed(name: string): name is HostNeed {
  return needs.has(name)
}

/** Whether it takes a cgroup that is made for a container. */
export function isCgroupNeed(name: string): name is keyof typeof cgroupTrials {
  return Object.hasOwn(cgroupTrials, name)
}

/** No need has this name. */
export class UnknownNeedError extends RunwrightError {
  override readonly code = 'UNKNOWN_NEED'
}

const verdicts = new Map<HostNeed, Promise<NeedVerdict>>()

/**
 * Finds out whether this host meets a need, by doing once what it names; nothing is left behind. The verdict holds
 * for the life of this process.
 *
 * @throws UnknownNeedError
 */
export function probeNeed(name: HostNeed): Promise<NeedVerdict> {
  const known = verdicts.get(name)
  if (known !== undefined) return known
  const verdict = judge(name)
  verdicts.set(name, verdict)
  return verdict
}

async function judge(name: HostNeed): Promise<NeedVerdict> {
  const need = needs.get(name)
  if (need === undefined) {
    throw new UnknownNeedError(`'${name}' is no need of a host: use one of ${hostNeeds.join(', ')}`)
  }
  try {
    await need.tryIt()
    return { met: true }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { met: false, reason: error.message, remedy: need.remedy }
  }
}

/** Whether the host said no: errors of the harness's own making, and those of node:fs. Others are our mistakes. */
function isRefusal(error: unknown): error is Error {
  return error instanceof RunwrightError || isFileError(error)
}

function isFileError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error
}

/** The layout must be one of these, and something must be mounted at all. */
function tryVersion(...kinds: readonly CgroupLayout['kind'][]): void {
  const { kind, controllers, unified } = cgroupLayout()
  if (controllers.size === 0 && unified === undefined)
    throw new UnmetNeedError('no cgroup hierarchy is mounted')
  if (!kinds.includes(kind)) throw new UnmetNeedError(`cgroup hierarchies are mounted as ${kind}`)
}
