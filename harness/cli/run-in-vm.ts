import { mkdirSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { WriteStream } from 'node:tty'
import { homeDirectories, packageDirectory } from '../host/index.ts'
import {
  findUser,
  type GuestTerminal,
  guestHome,
  NoVirtualMachineError,
  runInMachine,
} from '../machine/index.ts'
import { findTool, tools } from './find-tools.ts'
import { outermost, requireVisible, requireWritable } from './guest-directories.ts'
import { environmentOfMachine, guestEnvironment } from './guest-environment.ts'
import { defaultMemoryMiB, machineWords, type VmOptions } from './vm-options.ts'

/** One run in a virtual machine. */
export interface VmRun {
  /** As `--kernel` takes it; without it the newest. */
  readonly kernel: string | undefined
  /** Directories of the host, absolute, that the run writes to. */
  readonly written: readonly string[]
  /** Where it prints to. */
  readonly output: Writable
  readonly cancelled: AbortSignal
}

/**
 * Repeats this command line in a virtual machine, where it knows by its environment that it need not boot another one.
 *
 * @returns the exit code of the run in the guest
 * @throws NoVirtualMachineError, VirtualMachineDiedError, HiddenDirectoryError, UnwritableDirectoryError
 */
export async function runInVm(options: VmOptions, run: VmRun): Promise<number> {
  const { kernel, written, output, cancelled } = run
  for (const path of [process.cwd(), packageDirectory(), ...written]) requireVisible(path)
  for (const path of written) mkdirSync(path, { recursive: true })
  const { cgroup = 'v2', init = 'busybox', cpus = availableParallelism() } = options
  const errors = process.stderr
  const user = options.user === undefined ? undefined : await findUser(options.user)
  for (const path of written) if (user !== undefined) requireWritable(path, user)
  const command = {
    user,
    argv: [process.execPath, ...process.execArgv, ...process.argv.slice(1)] as const,
    workingDirectory: process.cwd(),
    environment: guestEnvironment(machineWords(options, kernel)),
  }
  return await runInMachine(
    {
      ...{ command, kernel, init, cpus, cancelled, output, errors },
      cgroups: cgroup,
      memoryMiB: options.memory ?? defaultMemoryMiB,
      busybox: await staticBusybox(),
      writable: outermost(written),
      links: new Map([archivesOf('programs')]),
      copies: new Map([archivesOf('built')]),
      wanted: [process.execPath, ...filesOfCommand()],
      terminals: terminals({ output, errors }),
    },
    environmentOfMachine,
    (line) => errors.write(`${line}\n`),
  )
}

/** Where the guest has some of the archives, and where they are. */
function archivesOf(kind: string): readonly [string, string] {
  return [join(guestHome, 'home/archives', kind), join(homeDirectories().archives, kind)]
}

/** The files that the command is made of. */
function filesOfCommand(): readonly string[] {
  const directory = join(packageDirectory(), 'dist')
  return ['chunks', 'suites', 'harness/run', 'harness/cli'].flatMap((name) =>
    readdirSync(join(directory, name))
      .filter((file) => /\.js(on)?$/.test(file))
      .map((file) => join(directory, name, file)),
  )
}

async function staticBusybox(): Promise<string> {
  const [busybox] = tools
  if (busybox === undefined) throw new TypeError('busybox is no tool of ours any more')
  const found = await findTool(busybox)
  if ('path' in found) return found.path
  throw new NoVirtualMachineError(
    `a guest starts with a static busybox, and ${found.problem}: run 'runwright setup'`,
  )
}

function terminals(streams: Readonly<Record<GuestTerminal['stream'], Writable>>): readonly GuestTerminal[] {
  return (['output', 'errors'] as const).flatMap((stream) => {
    const terminal = streams[stream]
    return terminal instanceof WriteStream ? [{ stream, columns: terminal.columns, rows: terminal.rows }] : []
  })
}
