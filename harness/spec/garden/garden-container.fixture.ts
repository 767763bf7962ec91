/** Runs garden containers for real: a small busybox rootfs, runc, and an init program that reports what it finds. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, rmdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringifyJson } from '../json/stringify.ts'
import type { Spec } from '../schema/spec.ts'
import {
  type GardenContainer,
  type GardenHost,
  type GardenProcess,
  gardenToOciProcess,
  gardenToOciSpec,
} from './index.ts'

const execute = promisify(execFile)

const commandTimeoutMs = 30_000

/** What a probe printed, standard error included, and how it ended. */
export interface Probe {
  readonly output: string
  readonly status: number
}

/** What a container found out about itself. */
export interface Report {
  /** What a probe found; an error when it never ran. */
  readonly probe: (name: string) => Probe
  /** What the container was asked to be. */
  readonly spec: Spec
}

/** A container without what the fixture itself decides. */
export type ContainerUnderTest = Omit<GardenContainer, 'handle' | 'rootFSPath' | 'image'>

/** Commands for the container's shell, by name; they run in order. */
export type Probes = Readonly<Record<string, string>>

export interface Conversion {
  /** Changes to the produced configuration, for controls. */
  readonly edit?: (spec: Spec) => void
  readonly host?: Partial<GardenHost>
}

/**
 * Converts the container, runs it to its end under runc, and removes everything again.
 *
 * @throws when runc fails, or the container's report is not complete.
 */
export function runGardenContainer(
  container: ContainerUnderTest,
  probes: Probes,
  conversion: Conversion = {},
): Promise<Report> {
  return inBundle(container, initScript(probes), conversion, async ({ spec, runc, directory, handle }) => {
    const { stdout } = await runc('run', '--bundle', directory, handle)
    return { spec, probe: readReport(stdout, probes) }
  })
}

/**
 * Starts the container, runs a process in it, and removes everything again.
 *
 * @returns what the process printed.
 * @throws when runc fails.
 */
export function execInGardenContainer(
  container: ContainerUnderTest,
  process: GardenProcess,
): Promise<string> {
  const init = "#!/bin/sh\ntrap 'exit 0' TERM\nsleep 60 &\nwait\n"
  return inBundle(container, init, {}, async ({ runc, directory, handle, whole }) => {
    await runc('run', '--detach', '--bundle', directory, handle)
    const file = join(directory, 'process.json')
    await writeFile(file, stringifyJson(gardenToOciProcess(whole, process)))
    const { stdout } = await runc('exec', '--process', file, handle)
    return stdout
  })
}

/** Every probe's output between two lines nobody else prints; the last line proves that all of them ran. */
function initScript(probes: Probes): string {
  const steps = Object.entries(probes).map(
    ([name, command]) => `echo '=== ${name}'\n( ${command} ) 2>&1\necho "--- $?"\n`,
  )
  return `#!/bin/sh\n${steps.join('')}echo '=== end'\n`
}

function readReport(output: string, probes: Probes): Report['probe'] {
  if (!output.endsWith('=== end\n')) throw new Error(`the container's report is not complete:\n${output}`)
  return (name) => {
    const found = new RegExp(`^=== ${name}\\n(.*?)^--- (\\d+)$`, 'ms').exec(output)
    if (!(name in probes) || found === null)
      throw new Error(`the container has not run '${name}':\n${output}`)
    return { output: found[1] ?? '', status: Number(found[2]) }
  }
}

interface BundleUnderTest {
  readonly directory: string
  readonly handle: string
  readonly whole: GardenContainer
  readonly spec: Spec
  readonly runc: (...args: string[]) => Promise<{ stdout: string }>
}

let started = 0

async function inBundle<T>(
  container: ContainerUnderTest,
  init: string,
  { edit, host }: Conversion,
  use: (bundle: BundleUnderTest) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'runwright-garden-'))
  started += 1
  const handle = `runwright-garden-${process.pid}-${started}`
  const runc = (...args: string[]) => runRunc(directory, args)
  try {
    const initBinary = join(directory, 'init')
    await writeFile(initBinary, init, { mode: 0o755 })
    const rootfs = join(directory, 'rootfs')
    const whole = { ...container, handle, rootFSPath: `raw://${rootfs}` }
    const spec = gardenToOciSpec(whole, { initBinary, ...host })
    edit?.(spec)
    await makeBundle(directory, rootfs, spec)
    return await use({ directory, handle, whole, spec, runc })
  } finally {
    try {
      await runc('delete', '--force', handle)
    } finally {
      await rm(directory, { recursive: true, force: true })
      await removeBaseCgroups()
    }
  }
}

async function makeBundle(directory: string, rootfs: string, spec: Spec): Promise<void> {
  for (const folder of ['bin', 'dev', 'etc', 'mnt', 'proc', 'sys', 'tmp']) {
    await mkdir(join(rootfs, folder), { recursive: true })
  }
  await cp('/usr/bin/busybox', join(rootfs, 'bin/busybox'))
  const { stdout } = await execute('/usr/bin/busybox', ['--list'])
  for (const applet of stdout.trim().split('\n')) {
    if (applet !== 'busybox') await symlink('busybox', join(rootfs, 'bin', applet))
  }
  await writeFile(join(rootfs, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nbuilder:x:1000:1001::/:/bin/sh\n')
  await writeFile(join(directory, 'config.json'), stringifyJson(spec))
  // The container's root is nobody on the host: it owns its files, and may pass through to them.
  const owner = spec.linux?.uidMappings?.[0]?.hostID ?? 0
  await execute('chown', ['-Rh', `${owner}:${owner}`, rootfs])
  await chmod(directory, 0o711)
}

/**
 * Gives runc a mount namespace of its own where everybody may open /dev/fuse, as udev leaves it on most hosts:
 * in a user namespace a runtime can only hand on the host's node, with the host's permissions.
 */
const withOpenFuse = [
  'set -e',
  'mount -t tmpfs -o mode=755 tmpfs "$1"',
  'if [ -e /dev/fuse ]; then mknod "$1/fuse" c 10 229; chmod 666 "$1/fuse"; mount --bind "$1/fuse" /dev/fuse; fi',
  'shift',
  'exec "$@"',
].join('\n')

async function runRunc(directory: string, args: readonly string[]): Promise<{ stdout: string }> {
  const devices = join(directory, 'devices')
  await mkdir(devices, { recursive: true })
  const runc = ['runc', '--root', join(directory, 'state'), ...args]
  const prepared = ['sh', '-c', withOpenFuse, 'prepare', devices, ...runc]
  // A file, not a pipe: a container left running would hold the pipe open.
  const output = join(directory, 'output')
  const descriptor = openSync(output, 'w')
  const child = spawn('unshare', ['--mount', '--propagation', 'private', ...prepared], {
    stdio: ['ignore', descriptor, descriptor],
    timeout: commandTimeoutMs,
    killSignal: 'SIGKILL',
  })
  const [code] = await once(child, 'close').finally(() => closeSync(descriptor))
  const stdout = await readFile(output, 'utf8')
  if (code !== 0) throw new Error(`runc ${args.join(' ')} ended with ${code}:\n${stdout}`)
  return { stdout }
}

/** runc makes `garden` for the containers' cgroups below its own, and leaves it when they are gone. */
async function removeBaseCgroups(): Promise<void> {
  const own = (await readFile('/proc/self/cgroup', 'utf8')).trim().split('\n')
  for (const line of own) {
    const [, controllers = '', path = ''] = line.split(':')
    const folder = controllers === '' ? 'unified' : controllers.replace('name=', '')
    for (const base of [join('/sys/fs/cgroup', folder, path), join('/sys/fs/cgroup', path)]) {
      // Not there, or in use by another garden: both fine.
      await rmdir(join(base, 'garden')).catch(() => undefined)
    }
  }
}
