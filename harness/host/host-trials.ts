import { readFileSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { homeDirectories, nearestExisting, programPath } from './directories.ts'
import { readMounts } from './mounts.ts'
import { lenientAppArmorProfile, selinuxLabel } from './security-modules.ts'
import { runTool, ToolError } from './tool.ts'
import { UnmetNeedError } from './unmet-need-error.ts'

/** @throws UnmetNeedError unless this process has root's user id. */
export function tryRoot(): void {
  const user = process.geteuid?.()
  if (user !== 0) throw new UnmetNeedError(`the harness runs as user ${user}`)
}

/** @throws UnmetNeedError unless containers can be made: by root, or by a user who can make user namespaces. */
export async function tryContainers(): Promise<void> {
  if (process.geteuid?.() !== 0) await tryNamespace('--user', '--map-root-user')
}

/** @throws UnmetNeedError unless containers can have more ids than this process: an ordinary user can map only its own. */
export function tryOtherIds(): void {
  const user = process.geteuid?.()
  if (user !== 0) throw new UnmetNeedError(`user ${user} can give a container no ids but its own`)
}

/** Neither root nor anybody who has files. */
const nobody = '65534'

/** @throws UnmetNeedError unless bundles are where any user can pass through to them, as the root of a user namespace must. */
export async function tryPassableBundles(): Promise<void> {
  const { bundles } = homeDirectories()
  const asNobody = ['setpriv', '--reuid', nobody, '--regid', nobody, '--clear-groups']
  const command = [...asNobody, 'test', '-x', nearestExisting(bundles)]
  await attempt(`user ${nobody} cannot pass through to the bundles in ${bundles}`, command)
}

/** @throws UnmetNeedError unless programs can be run from where tests have their files. */
export async function tryPrograms(): Promise<void> {
  const { sessions } = homeDirectories()
  const directory = await mkdtemp(join(nearestExisting(sessions), `runwright-probe-${process.pid}-`))
  try {
    const program = join(directory, 'program')
    await writeFile(program, '#!/bin/sh\n', { mode: 0o700 })
    await attempt(`no program can be run from ${sessions}`, [program])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** @throws UnmetNeedError unless device nodes can be made. */
export async function tryDeviceNodes(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), `runwright-probe-${process.pid}-`))
  try {
    await attempt('no device node can be made', ['mknod', join(directory, 'null'), 'c', '1', '3'])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Device files that every container has, of which a user's container gets the host's own. */
const devicesOfContainers = ['null', 'zero', 'full', 'random', 'urandom', 'tty'] as const

/** @throws UnmetNeedError unless everybody may use the devices of a container: whoever makes nodes gives them their mode. */
export async function tryUsableDevices(): Promise<void> {
  if (process.geteuid?.() === 0) return
  for (const name of devicesOfContainers) {
    const { mode } = await stat(join('/dev', name))
    if ((mode & 0o777) !== 0o666)
      throw new UnmetNeedError(
        `/dev/${name} of the host is not for everybody (mode ${(mode & 0o777).toString(8)})`,
      )
  }
}

/** @throws UnmetNeedError unless this process may run on more than one processor. */
export function tryTwoProcessors(): void {
  const allowed = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  if (!/[-,]/.test(allowed)) throw new UnmetNeedError(`the harness may run on processor ${allowed} alone`)
}

/** @throws UnmetNeedError unless the kernel knows memory policies, and shows them: it does where it knows NUMA nodes. */
export function tryMemoryPolicies(): void {
  const policies = readFileSync('/proc/self/numa_maps', 'utf8')
  if (!/^[0-9a-f]+ default /m.test(policies))
    throw new UnmetNeedError('the kernel shows no memory policies in /proc/self/numa_maps')
}

/**
 * Makes a namespace for a program that does nothing.
 *
 * @param flags of unshare(1).
 * @throws UnmetNeedError when it cannot be made.
 */
export async function tryNamespace(...flags: readonly string[]): Promise<void> {
  await attempt('no such namespace can be made', ['unshare', ...flags, 'true'])
}

/** @throws UnmetNeedError when a tmpfs cannot be mounted. */
export async function tryTmpfs(): Promise<void> {
  await tryMounts('no tmpfs can be mounted', 'echo there > file; test "$(cat file)" = there')
}

/** @throws UnmetNeedError when an overlay cannot be mounted, or is written through to its lower layer. */
export async function tryOverlay(): Promise<void> {
  const script = `
    mkdir lower upper work merged
    echo lower > lower/file
    mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged
    test "$(cat merged/file)" = lower
    echo upper > merged/file
    test "$(cat lower/file)" = lower
    test "$(cat upper/file)" = upper`
  await tryMounts('no overlay can be mounted', script)
}

/** Runs a script in a fresh tmpfs that is mounted in a private mount namespace, and so nowhere on the host. */
async function tryMounts(failure: string, script: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), `runwright-probe-${process.pid}-`))
  const asRoot = process.geteuid?.() === 0 ? [] : ['--user', '--map-root-user']
  const inTmpfs = `set -e; mount -t tmpfs tmpfs "$1"; cd "$1"; ${script}`
  try {
    await attempt(failure, ['unshare', '--mount', ...asRoot, 'sh', '-c', inTmpfs, 'sh', directory])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** @throws UnmetNeedError unless a seccomp filter can be installed in a process and acts. */
export async function trySeccomp(): Promise<void> {
  const program = programPath('harness/host/seccomp-need-program.js')
  await attempt('no seccomp filter can be installed', [process.execPath, program])
}

/** @throws UnmetNeedError unless a process can raise its hard limit, which it has lowered before. */
export async function tryRaisingLimit(): Promise<void> {
  await attempt('a hard resource limit cannot be raised', ['sh', '-c', 'ulimit -n 64 && ulimit -n 65'])
}

/** @throws UnmetNeedError unless a process can have this out-of-memory score (oom_score_adj). */
export async function tryScore(score: number): Promise<void> {
  const script = `echo ${score} > /proc/self/oom_score_adj && test "$(cat /proc/self/oom_score_adj)" = ${score}`
  await attempt(`the out-of-memory score cannot be set to ${score}`, ['sh', '-c', script])
}

/** @throws UnmetNeedError unless a program can be run under an AppArmor profile that is loaded. */
export async function tryAppArmor(): Promise<void> {
  const script = 'printf "exec %s" "$1" > /proc/self/attr/exec && exec true'
  const command = ['sh', '-c', script, 'sh', lenientAppArmorProfile()]
  await attempt('no program can be run under an AppArmor profile', command)
}

/** @throws UnmetNeedError unless a program can be run with an SELinux label for containers. */
export async function trySelinux(): Promise<void> {
  await attempt(`no program can be run as ${selinuxLabel}`, ['runcon', selinuxLabel, 'true'])
}

/** @throws UnmetNeedError unless a process can run under a real-time policy. */
export async function tryRealTime(): Promise<void> {
  await attempt('no process can run under SCHED_FIFO', ['chrt', '--fifo', '10', 'true'])
}

/** @throws UnmetNeedError unless a process can run under the deadline policy. */
export async function tryDeadline(): Promise<void> {
  const times = ['--sched-runtime', '10000000', '--sched-deadline', '20000000', '--sched-period', '40000000']
  await attempt('no process can run under SCHED_DEADLINE', ['chrt', '--deadline', ...times, '0', 'true'])
}

/** @throws UnmetNeedError unless a process can be bound to processor 0, and to processor 1. */
export async function tryFirstProcessors(): Promise<void> {
  const script = 'taskset --cpu-list 0 true && taskset --cpu-list 1 true'
  await attempt('no process can be bound to processor 0 or 1 as one likes', ['sh', '-c', script])
}

async function attempt(failure: string, command: readonly string[]): Promise<void> {
  try {
    await runTool(command, { timeoutMs: 30_000 })
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause
    throw new UnmetNeedError(`${failure}: ${cause.stderr.trim() || cause.message}`, { cause })
  }
}

/** @throws UnmetNeedError unless resource control is mounted and can divide the memory bandwidth. */
export function tryResourceControl(): void {
  const mount = readMounts().find(({ type }) => type === 'resctrl')
  if (mount === undefined) throw new UnmetNeedError('no resource control file system is mounted')
  const schemata = readFileSync(join(mount.mountPoint, 'schemata'), 'utf8')
  if (!/^\s*MB:/m.test(schemata)) throw new UnmetNeedError('the processor does not divide memory bandwidth')
}

/** @throws UnmetNeedError when a resource control file system is mounted. */
export function tryNoResourceControl(): void {
  if (readMounts().some(({ type }) => type === 'resctrl'))
    throw new UnmetNeedError('a resource control file system is mounted')
}
