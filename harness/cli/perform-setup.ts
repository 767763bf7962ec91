import {
  distribution,
  downloadProgram,
  findProgram,
  type PackageSource,
  RunwrightError,
  systemPackageSource,
} from '../host/index.ts'
import {
  downloadEmulator,
  downloadKernel,
  findEmulator,
  findKernel,
  type GuestKernel,
  NoVirtualMachineError,
} from '../machine/index.ts'
import { findRuntime, type ProgramSearch, type ProgramWish } from './find-runtime.ts'
import { findTool, tools } from './find-tools.ts'

/** What is to be got. */
export interface SetupRequest {
  readonly runtimes: readonly string[]
  /** Which of the runtimes; whatever is there will do without it. */
  readonly wish: ProgramWish
  /** Unpack packages into a directory of ours instead of installing them. */
  readonly unpacked: boolean
  /** What virtual machines take, too; with kernels of which versions, or just any. */
  readonly machine?: { readonly kernels: readonly string[] } | undefined
  readonly signal?: AbortSignal | undefined
}

/** What became of one program. */
export type SetupStep =
  | {
      readonly name: string
      readonly status: 'present'
      readonly path: string
      readonly version?: string | undefined
    }
  | {
      readonly name: string
      readonly status: 'installed' | 'downloaded'
      readonly path: string
      readonly version?: string | undefined
      /** The command, or the package and suite, that it came by. */
      readonly by: string
    }
  | { readonly name: string; readonly status: 'failed'; readonly problem: string }

/** A program could not be got; the message says what to do. */
export class SetupError extends RunwrightError {
  override readonly code = 'SETUP_FAILED'
}

/** A program that a run needs, and how to look for it. */
interface Wanted {
  readonly name: string
  readonly wish: ProgramWish
  readonly find: () => Promise<ProgramSearch>
  /** How to get it, where it is never installed. */
  readonly download?: () => Promise<{ readonly path: string; readonly version: string }>
}

/**
 * Gets what a run needs and this host lacks: the runtimes, a static busybox for root file systems, GNU tar to unpack
 * them. A program that is there already is left alone.
 *
 * @param say hears what is being done, before it is done
 */
export async function performSetup(request: SetupRequest, say: (line: string) => void): Promise<SetupStep[]> {
  const { runtimes, wish } = request
  const wanted: readonly Wanted[] = [
    ...runtimes.map((name) => ({ name, wish, find: async () => await findRuntime(name, wish) })),
    ...tools.map((tool) => ({ name: tool.name, wish: {}, find: async () => await findTool(tool) })),
    ...wantedForMachines(request),
  ]
  const steps: SetupStep[] = []
  for (const program of wanted) steps.push(await provide(program, request, say))
  return steps
}

function wantedForMachines({ machine, wish: { suite }, signal }: SetupRequest): readonly Wanted[] {
  if (machine === undefined) return []
  const asProgram = ({ image, release }: GuestKernel) => ({ path: image, version: release })
  return [
    {
      name: 'emulator',
      wish: {},
      find: async () => await findEmulator().catch(asProblem),
      download: async () => await downloadEmulator(signal),
    },
    ...(machine.kernels.length === 0 ? [undefined] : machine.kernels).map((version) => ({
      name: 'kernel',
      wish: { suite },
      find: async () => {
        // What a suite has now is only known there.
        if (suite !== undefined) return { problem: `the kernel of ${suite} is asked for` }
        return await findKernel(version).then(asProgram, asProblem)
      },
      download: async () => asProgram(await downloadKernel({ suite, version, signal })),
    })),
  ]
}

function asProblem(error: unknown): { readonly problem: string } {
  if (error instanceof NoVirtualMachineError) return { problem: error.message }
  throw error
}

async function provide(
  wanted: Wanted,
  request: SetupRequest,
  say: (line: string) => void,
): Promise<SetupStep> {
  const { name } = wanted
  const found = await wanted.find()
  if ('path' in found) return { name, status: 'present', path: found.path, version: found.version }
  say(found.problem)
  try {
    return await get(wanted, request, say)
  } catch (error) {
    if (!(error instanceof RunwrightError) || request.signal?.aborted === true) throw error
    return { name, status: 'failed', problem: error.message }
  }
}

async function get(wanted: Wanted, request: SetupRequest, say: (line: string) => void): Promise<SetupStep> {
  const { name, wish } = wanted
  if (wanted.download !== undefined) {
    say(`downloading the ${name} for virtual machines, without installing it`)
    return { name, status: 'downloaded', by: 'package', ...(await wanted.download()) }
  }
  const source = systemPackageSource()
  const packageName = source?.packageOf(name)
  if (source === undefined || packageName === undefined) throw new SetupError(withoutPackage(name, source))
  if (!mustUnpack(wanted, request, source))
    return await install(wanted, packageName, { source, request, say })
  const by = wish.suite === undefined ? `package ${packageName}` : `package ${packageName} of ${wish.suite}`
  say(`downloading the ${by}, without installing it`)
  const program = await downloadProgram(name, { packageName, ...wish, signal: request.signal })
  return { name, status: 'downloaded', path: program.path, version: program.version, by }
}

/**
 * Whether a package must not be installed: that takes root, and would replace what the host has, be it of another
 * version or suite, or not usable by us.
 */
function mustUnpack({ name, wish }: Wanted, request: SetupRequest, source: PackageSource): boolean {
  if (request.unpacked || wish.suite !== undefined || wish.version !== undefined) return true
  return source.canDownload && (process.geteuid?.() !== 0 || findProgram(name) !== undefined)
}

async function install(
  wanted: Wanted,
  packageName: string,
  { source, request, say }: { source: PackageSource; request: SetupRequest; say: (line: string) => void },
): Promise<SetupStep> {
  const { name } = wanted
  const by = source.installCommand([packageName]).join(' ')
  say(`running ${by}`)
  await source.install([packageName], { signal: request.signal })
  const found = await wanted.find()
  if ('problem' in found) throw new SetupError(`${packageName} is installed, yet ${found.problem}`)
  return { name, status: 'installed', path: found.path, version: found.version, by }
}

function withoutPackage(name: string, source: PackageSource | undefined): string {
  const { title } = distribution()
  if (source === undefined) {
    return `no package manager known here was found on ${title}: install ${name} yourself, so that it is on PATH`
  }
  return `no package of ${title} is known here to have ${name}: build it or download it yourself; 'runwright run --runtime PATH' takes it from anywhere`
}
