import { chownSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { Writable } from 'node:stream'
import { RunwrightError } from '../host/index.ts'
import { findKernel, VirtualMachineDiedError } from '../machine/index.ts'
import { type KernelResults, readResults, resultsByKernel } from '../report/index.ts'
import { resolveRuntime } from '../runtime/index.ts'
import { describeResolved, type RuntimeUnderTest } from '../suite/index.ts'
import { readDeviationsIfAny } from './deviation-lists.ts'
import { lostResults } from './lost-run.ts'
import { type PlannedRun, planRun } from './plan-run.ts'
import { publishRun } from './publish-run.ts'
import { runInVm } from './run-in-vm.ts'
import type { RunRequest, RunTerminal } from './run-request.ts'
import { VmOptionError, type VmOptions } from './vm-options.ts'

/** A guest ended without results, or was never booted. */
class GuestRunError extends RunwrightError {
  override readonly code = 'GUEST_RUN'
}

/**
 * What one kernel's guest does of a request for several: the same, into a directory of its own, and without a change to
 * the list of deviations, since what holds on this kernel may not hold on the next.
 *
 * @param release of the kernel
 */
export function requestOnKernel(release: string, request: RunRequest): RunRequest {
  const { updateDeviations, ...rest } = request
  const isList = updateDeviations !== undefined && existsSync(updateDeviations)
  return {
    ...rest,
    output: join(request.output, `kernel-${release}`),
    deviations: isList ? [...request.deviations, updateDeviations] : request.deviations,
  }
}

/**
 * Runs the same command line in a guest for each kernel, one after the other, since one alone keeps all processors busy,
 * and tells what they found as one run with a column for each. A guest that is lost takes its own results with it and no
 * others.
 *
 * @returns the worst of the exit codes
 * @throws RunwrightError when the run cannot be done at all
 */
export async function runOnKernels(
  request: RunRequest,
  options: VmOptions,
  terminal: RunTerminal,
): Promise<number> {
  const plan = await planRun(request)
  const resolved = await Promise.all(request.runtimes.map(resolveRuntime))
  const known = await readDeviationsIfAny(request.updateDeviations)
  const runtimes = resolved.map(describeResolved)
  const ends: KernelEnd[] = []
  for (const kernel of await distinctKernels(options.kernel ?? [])) {
    ends.push(await runOn(kernel, { request, options, terminal, plan, runtimes }, ends.length === 0))
  }
  const catalogue = plan.named.catalogue
  const exitCode = await publishRun(resultsByKernel(ends), { request, terminal, catalogue, known })
  return Math.max(exitCode, ...ends.map((end) => end.exitCode))
}

interface ChosenKernel {
  readonly wish: string
  readonly release: string
}

/** What `--kernel` named, before anything is booted. @throws NoVirtualMachineError, VmOptionError */
async function distinctKernels(wishes: readonly string[]): Promise<readonly ChosenKernel[]> {
  const chosen = new Map<string, ChosenKernel>()
  for (const wish of wishes) {
    const { release } = await findKernel(wish)
    const before = chosen.get(release)
    if (before !== undefined)
      throw new VmOptionError(
        `'--kernel ${before.wish}' and '--kernel ${wish}' are both ${release}: name kernels of different releases`,
      )
    chosen.set(release, { wish, release })
  }
  return [...chosen.values()]
}

interface KernelEnd extends KernelResults {
  readonly exitCode: number
}

interface KernelsRun {
  readonly request: RunRequest
  readonly options: VmOptions
  readonly terminal: RunTerminal
  readonly plan: PlannedRun
  readonly runtimes: readonly RuntimeUnderTest[]
}

async function runOn({ wish, release }: ChosenKernel, run: KernelsRun, isFirst: boolean): Promise<KernelEnd> {
  const { request, plan, runtimes } = run
  const { output } = requestOnKernel(release, request)
  const startedAt = new Date()
  const end = {
    // The beginning of a version may mean a newer kernel the next time.
    kernel: wish.includes('/') ? wish : release,
    directory: relative(request.output, output),
  }
  try {
    return { ...end, ...(await guestResults(wish, output, run)) }
  } catch (error) {
    if (!(error instanceof RunwrightError)) throw error
    const isRefused = !(error instanceof VirtualMachineDiedError) && !run.terminal.cancelled.aborted
    // What is refused on the first kernel would be on the others, too; later there are results to be kept.
    if (isRefused && isFirst) throw error
    const lost = { request, plan, reason: error.message, startedAt, runtimes, kernel: release }
    return { ...end, exitCode: isRefused ? 2 : 1, results: lostResults(lost) }
  }
}

async function guestResults(
  kernel: string,
  output: string,
  { options, terminal: { cancelled } }: KernelsRun,
): Promise<Pick<KernelEnd, 'exitCode' | 'results'>> {
  if (cancelled.aborted) throw new GuestRunError('the run was stopped before this kernel was booted')
  makeLike(dirname(output), output)
  // Else what an earlier run has left could be taken for what this one found.
  await rm(join(output, 'results.json'), { force: true })
  const exitCode = await runInVm(options, { kernel, written: [output], output: discarded(), cancelled })
  if (exitCode > 1) throw new GuestRunError(`the run could not be done, and ended with exit code ${exitCode}`)
  return { exitCode, results: await readResults(output) }
}

/** Makes a directory for whoever the one above it belongs to: with `--user` that is not who runs this. */
function makeLike(above: string, directory: string): void {
  mkdirSync(directory, { recursive: true })
  const { uid, gid } = statSync(above)
  if (process.geteuid?.() === 0) chownSync(directory, uid, gid)
}

/** Each guest sums up its own run, which is of no use beside the summary of all. */
function discarded(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
